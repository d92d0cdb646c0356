"""The kernel's IPVS table as values, in the kernel's words (``ip_vs.h``, ipvsadm(8)).

Identity and settings are `Service` and `Destination`; what the kernel counts is in `counters.py`. A value here
is always normalised: what the kernel would answer after it was set, so that two tables compare with ``==``.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

from app.lvs.model.values import Address, TunnelChecksum, TunnelType


class Family(enum.IntEnum):
    """Address family, by IP version."""

    IPV4 = 4
    IPV6 = 6


class Transport(enum.IntEnum):
    """IP protocol numbers of the services IPVS balances; NONE stands in the key of a firewall mark."""

    NONE = 0
    TCP = 6
    UDP = 17
    SCTP = 132


class Forward(enum.IntEnum):
    """Forwarding method, by the kernel's numbers; ipvsadm prints Masq, Local, Tunnel, Route."""

    MASQUERADE = 0
    LOCAL = 1
    TUNNEL = 2
    ROUTE = 3


class SchedulerBits(enum.IntFlag):
    """The kernel's service flag bits that belong to the scheduler; sh and mh call them fallback and port."""

    FLAG_1 = 0x08
    FLAG_2 = 0x10
    FLAG_3 = 0x20


NO_SCHEDULER_BITS = SchedulerBits(0)


@dataclass(frozen=True, slots=True)
class ServiceKey:
    """What identifies a service: protocol, address and port, or family and firewall mark.

    With `fwmark` > 0, `transport` is NONE, `address` None and `port` 0.
    """

    family: Family
    transport: Transport
    address: Address | None
    port: int
    fwmark: int = 0
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # Kept, as a key is looked up several times at each change of a thousand services: a quarter of the time
        # that one takes. Of numbers, as ipaddress hashes the digits of its own, which takes four times as long.
        number = hash((self.port, self.fwmark, int(self.transport), int(self.address or 0)))
        object.__setattr__(self, "_hash", number)

    def __hash__(self) -> int:
        return self._hash


@dataclass(frozen=True, slots=True)
class DestinationKey:
    """What identifies a destination within its service."""

    address: Address
    port: int

    def __hash__(self) -> int:
        return hash((self.port, int(self.address)))


@dataclass(frozen=True, slots=True)
class Destination:
    """One real server of one service: identity and settings."""

    key: DestinationKey
    forward: Forward
    weight: int
    upper_threshold: int = 0
    lower_threshold: int = 0
    tunnel_type: TunnelType = TunnelType.IPIP
    tunnel_port: int = 0
    tunnel_checksum: TunnelChecksum = TunnelChecksum.NONE


@dataclass(frozen=True, slots=True)
class Service:
    """One virtual service: identity, settings, and its destinations in the order of `destination_order`.

    `persistent_s` 0 is off. `netmask` is the kernel's: for IPv4 the mask as a 32-bit number, for IPv6 a prefix
    length; all ones (0xFFFFFFFF, 128) means that each client counts alone.
    """

    key: ServiceKey
    scheduler: str
    scheduler_flags: SchedulerBits = NO_SCHEDULER_BITS
    persistent_s: int = 0
    netmask: int = 0xFFFFFFFF
    one_packet: bool = False
    persistence_engine: str = ""
    destinations: tuple[Destination, ...] = ()


Table = Mapping[ServiceKey, Service]


def same_settings(service: Service, other: Service) -> bool:
    """Return whether two services are set alike, their destinations left out."""
    return _settings(service) == _settings(other)


def _settings(service: Service) -> tuple[object, ...]:
    return (
        service.scheduler,
        service.scheduler_flags,
        service.persistent_s,
        service.netmask,
        service.one_packet,
        service.persistence_engine,
    )


def service_order(key: ServiceKey) -> tuple[int, int, int, bytes, int]:
    """Return the sort key ipvsadm uses for services: marks after addresses, as signed numbers."""
    mark = key.fwmark - (1 << 32) if key.fwmark >= 1 << 31 else key.fwmark
    return (mark, key.family, key.transport, key.address.packed if key.address else b"", key.port)


def destination_order(key: DestinationKey) -> tuple[int, bytes, int]:
    """Return the sort key ipvsadm uses for the destinations of a service: IPv6 before IPv4."""
    return (-key.address.version, key.address.packed, key.port)
