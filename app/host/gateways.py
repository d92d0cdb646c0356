"""The routers this machine sends to what is not on its own networks."""

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address
from itertools import islice
from pathlib import Path

from app.lvs.values import Address

_ROUTES_READ = 1000
"""A router may have a million; those to its own gateways are among the first."""
_IPV4, _IPV6 = Path("/proc/net/route"), Path("/proc/net/ipv6_route")


def gateways(interface: str) -> tuple[Address, ...]:
    """Return the gateways of the routes through `interface`, IPv4 first."""
    return tuple(dict.fromkeys([*_of_ipv4(interface), *_of_ipv6(interface)]))


def _of_ipv4(interface: str) -> Iterator[Address]:
    # Interface, destination, gateway, flags...: the addresses are numbers in the machine's byte order.
    for name, _, gateway, *_ in _rows(_IPV4):
        if name == interface and int(gateway, 16):
            yield IPv4Address(int(gateway, 16).to_bytes(4, "little"))


def _of_ipv6(interface: str) -> Iterator[Address]:
    # Destination, its prefix, source, its prefix, gateway, metric, reference count, use, flags, interface.
    for row in _rows(_IPV6):
        if row[9] == interface and int(row[4], 16):
            yield IPv6Address(int(row[4], 16))


def _rows(path: Path) -> list[list[str]]:
    """Return the table at `path`; empty without that family. Its heading, where it has one, is of no interface."""
    try:
        with path.open() as table:
            lines = list(islice(table, _ROUTES_READ))
    except OSError:
        return []
    return [line.split() for line in lines if not line.startswith("Iface")]
