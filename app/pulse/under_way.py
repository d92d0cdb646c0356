"""Waits, before a real server is taken out of the kernel's table, for the requests it is answering just then."""

import asyncio
import time
from collections.abc import Iterable

from app.host.ipvs import IPVS
from app.lvs.plan import DeleteDestination

LEAST_S = 0.15
"""A connection whose handshake is not over counts as inactive, so no connection at all is no sign for so long."""
MOST_S = 0.75
"""What takes longer is cut off, as with Piranha: a server that is deactivated is out within a second."""
EVERY_S = 0.03


async def until_answered(ipvs: IPVS, leaving: Iterable[DeleteDestination]) -> None:
    """Return when the destinations of `leaving`, at weight 0 already, have no connection that does something.

    After `MOST_S` at the latest; at once if they have none, ended ones with it. From a destination that is gone
    the kernel drops packets without a word, so a request under way would hang. Raises IPVSFailed.
    """
    servers = {(step.service, step.key) for step in leaving}
    services = {service for service, _ in servers}
    began = time.monotonic()
    while (waited_s := time.monotonic() - began) < MOST_S:
        _, counted = ipvs.read_services(services)
        left = [
            one
            for service, server in servers
            if service in counted and (one := counted[service].destinations.get(server)) is not None
        ]
        active = sum(one.active for one in left)
        if not active and (waited_s >= LEAST_S or not sum(one.inactive for one in left)):
            return
        await asyncio.sleep(EVERY_S)
