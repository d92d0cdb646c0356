"""Which machines a router of a pair should hear on its network, whoever else it does not hear there."""

from collections.abc import Iterable
from ipaddress import IPv4Interface, IPv6Interface

from app.lvs.config import Config
from app.lvs.values import Address

NEIGHBOURS_MAX = 8
"""So many are asked at most: one answer is enough."""


def neighbours(
    config: Config, gateways: Iterable[Address], own: Iterable[IPv4Interface | IPv6Interface]
) -> tuple[Address, ...]:
    """Return the gateways and the real servers that are in the networks of a router's `own` addresses."""
    networks = [one.network for one in own]
    servers = (server.address for virtual in config.virtual for server in virtual.server)
    # In the order they are found, each once.
    found: dict[Address, None] = {}
    for address in (*gateways, *servers):
        if address is not None and any(address in network for network in networks):
            found[address] = None
            if len(found) == NEIGHBOURS_MAX:
                break
    return tuple(found)
