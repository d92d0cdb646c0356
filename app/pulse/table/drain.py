"""Waits for the requests that a real server is answering before it is removed from the kernel's table."""

import time
from collections.abc import Iterable, Iterator

from app.host.ipvs.table import IPVS
from app.lvs.ipvs.plan import DeleteDestination

LEAST_S = 0.15
"""A connection counts as inactive until its handshake is complete, so for this time having no active one means
nothing."""
MOST_S = 0.75
"""Longer requests are cut off, as with Piranha: a deactivated server is out within a second."""
EVERY_S = 0.03


def waits_until_answered(ipvs: IPVS, leaving: Iterable[DeleteDestination]) -> Iterator[float]:
    """Yield how long to sleep, in seconds, until the destinations of `leaving` no longer answer any request.

    They have weight 0 already. It ends after `MOST_S` at the latest, and immediately if they have no
    connections, not even closed ones. The kernel silently drops packets for a removed destination, so that
    pending requests would hang. A service that cannot be read is not waited for.
    """
    servers = {(step.service_key, step.key) for step in leaving}
    services = {service for service, _ in servers}
    began = time.monotonic()
    while (waited_s := time.monotonic() - began) < MOST_S:
        _, counted = ipvs.read_services(services, unread={})
        left = [
            counters
            for service, server in servers
            if service in counted and (counters := counted[service].destinations.get(server)) is not None
        ]
        active = sum(count.active for count in left)
        if not active and (waited_s >= LEAST_S or not sum(count.inactive for count in left)):
            return
        yield EVERY_S
