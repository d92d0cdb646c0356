"""Waits, before a real server is taken out of the kernel's table, for the requests it is answering just then."""

import time
from collections.abc import Iterable, Iterator

from app.host.ipvs.table import IPVS
from app.lvs.ipvs.plan import DeleteDestination

LEAST_S = 0.15
"""A connection whose handshake is not over counts as inactive, so no active one is no sign for so long."""
MOST_S = 0.75
"""What takes longer is cut off, as with Piranha: a server that is deactivated is out within a second."""
EVERY_S = 0.03


def waits_until_answered(ipvs: IPVS, leaving: Iterable[DeleteDestination]) -> Iterator[float]:
    """Yield for how long to sleep, in seconds, until the destinations of `leaving` answer nobody any more.

    They have weight 0 already. It ends after `MOST_S` at the latest; at once if they have no connection, not even
    one that has ended. From a destination that is gone the kernel drops packets without a word, so a request under
    way would hang. Raises IPVSFailed.
    """
    servers = {(step.service_key, step.key) for step in leaving}
    services = {service for service, _ in servers}
    began = time.monotonic()
    while (waited_s := time.monotonic() - began) < MOST_S:
        _, counted = ipvs.read_services(services)
        left = [
            counters
            for service, server in servers
            if service in counted and (counters := counted[service].destinations.get(server)) is not None
        ]
        active = sum(count.active for count in left)
        if not active and (waited_s >= LEAST_S or not sum(count.inactive for count in left)):
            return
        yield EVERY_S
