"""The routes of this network namespace, as /proc lists them: read in part, since a router may have a million."""

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from itertools import islice
from pathlib import Path

from app.lvs.model.values import Address

_IPV4, _IPV6 = Path("/proc/thread-self/net/route"), Path("/proc/thread-self/net/ipv6_route")
_ADVERTISED = 0x00010000 | 0x00040000
"""RTF_DEFAULT and RTF_ADDRCONF (linux/ipv6_route.h): a default route from a router advertisement."""
_ROUTES_READ = 1000
"""How many routes are read: one through each gateway is enough."""


@dataclass(frozen=True, slots=True)
class _Route:
    interface: str
    gateway: Address
    flags: int


def gateways(interface: str) -> tuple[Address, ...]:
    """Return the gateways of the routes through `interface`, IPv4 first."""
    routes = (*islice(_of_ipv4(), _ROUTES_READ), *islice(_of_ipv6(), _ROUTES_READ))
    found = (route.gateway for route in routes if route.interface == interface and int(route.gateway))
    return tuple(dict.fromkeys(found))


def advertised_interfaces() -> set[str]:
    """Return the interfaces whose IPv6 default route comes from a router advertisement."""
    return {route.interface for route in _of_ipv6() if route.flags & _ADVERTISED == _ADVERTISED}


def _of_ipv4() -> Iterator[_Route]:
    # Interface, destination, gateway, flags...: the addresses are numbers in the machine's byte order.
    for interface, _, gateway, flags, *_ in _rows(_IPV4):
        if interface != "Iface":
            yield _Route(interface, IPv4Address(int(gateway, 16).to_bytes(4, "little")), int(flags, 16))


def _of_ipv6() -> Iterator[_Route]:
    # Destination, its prefix, source, its prefix, next hop, metric, references, uses, flags, interface.
    for row in _rows(_IPV6):
        if len(row) == 10:
            yield _Route(row[9], IPv6Address(int(row[4], 16)), int(row[8], 16))


def _rows(path: Path) -> Iterator[list[str]]:
    """Yield the lines of the table at `path`, split into words; none if the kernel lacks that family."""
    try:
        with path.open() as table:
            for line in table:
                yield line.split()
    except OSError:
        return
