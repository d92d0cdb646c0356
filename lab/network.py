"""The networks and addresses of the demonstration cluster. Values only; builds nothing.

The client, the director and the web servers are on the public network (eth0), as direct routing requires; the
director and the web servers are also on the private one (eth1), as NAT requires. A second director, if the cluster
has one, is on both.
"""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address

VIRTUAL4 = IPv4Address("10.36.0.10")
VIRTUAL6 = IPv6Address("fd36::10")
PRIVATE_DIRECTOR4 = IPv4Address("10.37.0.254")
PRIVATE_DIRECTOR6 = IPv6Address("fd37::254")


@dataclass(frozen=True, slots=True)
class Leg:
    """One interface of a node: its name, its bridge, and its addresses (prefixes 24 and 64)."""

    interface: str
    bridge: str
    ipv4: IPv4Address
    ipv6: IPv6Address


@dataclass(frozen=True, slots=True)
class Node:
    """One machine of the cluster; its name is that of its network namespace."""

    name: str
    legs: tuple[Leg, ...]


def public_leg(number: int) -> Leg:
    """Return the leg with 10.36.0.`number` and fd36::`number` (the digits, not the value)."""
    return Leg("eth0", "public", IPv4Address(f"10.36.0.{number}"), IPv6Address(f"fd36::{number}"))


def private_leg(number: int) -> Leg:
    """Return the leg with 10.37.0.`number` and fd37::`number` (the digits, not the value)."""
    return Leg("eth1", "private", IPv4Address(f"10.37.0.{number}"), IPv6Address(f"fd37::{number}"))


CLIENT = Node("client", (public_leg(100),))
DIRECTOR = Node("director", (public_leg(2), private_leg(254)))
DIRECTOR2 = Node("director2", (public_leg(3), private_leg(252)))


def web_server(number: int) -> Node:
    """Return web server `number`, counted from 1."""
    return Node(f"web{number}", (public_leg(10 + number), private_leg(10 + number)))


def with_prefix(address: IPv4Address | IPv6Address) -> str:
    """Return `address` with a host prefix, as `ip address add` expects it."""
    return f"{ip_address(address)}/{address.max_prefixlen}"
