"""Which machines a router of a pair should be able to reach on its network."""

from collections.abc import Iterable
from ipaddress import IPv4Interface, IPv6Interface

from app.lvs.model.config import Config
from app.lvs.model.values import Address

NEIGHBOURS_MAX = 8
"""So many are asked at most: one answer is enough."""


def neighbours(
    config: Config, gateways: Iterable[Address], own: Iterable[IPv4Interface | IPv6Interface]
) -> dict[Address, Address]:
    """Return the gateways and the real servers in the networks of a router's `own` addresses.

    Each has with it the own address to ask it from.
    """
    networks = [(network.ip, network.network) for network in own]
    servers = (server.address for virtual in config.virtual for server in virtual.server)
    found: dict[Address, Address] = {}
    for address in (*gateways, *servers):
        source = next((ip for ip, network in networks if address is not None and address in network), None)
        if address is not None and source is not None and address != source:
            found[address] = source
            if len(found) == NEIGHBOURS_MAX:
                break
    return found
