"""Random kernel tables that IPVS accepts."""

from ipaddress import IPv4Address, IPv6Address

from hypothesis import strategies as st

from app.lvs.ipvs.table import (
    Destination,
    DestinationKey,
    Family,
    Forward,
    SchedulerBits,
    Service,
    ServiceKey,
    Table,
    Transport,
    destination_order,
)
from app.lvs.model.values import Address, TunnelChecksum, TunnelType

SCHEDULERS = ("rr", "wlc", "wrr", "lc", "lblc", "lblcr", "dh", "sh", "sed", "nq", "fo", "ovf", "mh")

_unicast4 = st.integers(0x01000000, 0x7EFFFFFF) | st.integers(0x80000000, 0xDFFFFFFF)
_unicast6 = st.integers(0x2000 << 112, (0x4000 << 112) - 1)
ports = st.integers(1, 65535)


def addresses(family: Family) -> st.SearchStrategy[Address]:
    """Draw an address a packet can be sent to."""
    return _unicast4.map(IPv4Address) if family is Family.IPV4 else _unicast6.map(IPv6Address)


@st.composite
def services(draw: st.DrawFn) -> Service:
    """Draw a service with its destinations."""
    family = draw(st.sampled_from(Family))
    persistent_s = draw(st.just(0) | st.integers(1, 2_678_400))
    key = draw(_keys(family, bool(persistent_s)))
    scheduler = draw(st.sampled_from(SCHEDULERS))
    # sh and mh have no third flag; the kernel keeps it all the same, but ipvsadm has no word for it.
    bits = draw(st.integers(0, 3 if scheduler in ("sh", "mh") else 7))
    found = draw(st.lists(_destinations(key), max_size=5, unique_by=lambda destination: destination.key))
    return Service(
        key=key,
        scheduler=scheduler,
        scheduler_flags=SchedulerBits(bits << 3),
        persistent_s=persistent_s,
        netmask=draw(_masks(family)) if persistent_s else 0xFFFFFFFF if family is Family.IPV4 else 128,
        one_packet=draw(st.booleans()),
        persistence_engine=draw(st.sampled_from(("", "sip"))) if persistent_s else "",
        destinations=tuple(sorted(found, key=lambda destination: destination_order(destination.key))),
    )


def tables(max_size: int = 6) -> st.SearchStrategy[Table]:
    """Draw a whole table."""
    drawn = st.lists(services(), max_size=max_size, unique_by=lambda service: service.key)
    return drawn.map(lambda found: {service.key: service for service in found})


def _keys(family: Family, is_persistent: bool) -> st.SearchStrategy[ServiceKey]:
    marks = st.integers(1, 0xFFFFFFFF).map(lambda mark: ServiceKey(family, Transport.NONE, None, 0, mark))
    endpoints = st.builds(
        ServiceKey,
        st.just(family),
        st.sampled_from((Transport.TCP, Transport.UDP, Transport.SCTP)),
        addresses(family),
        # Port 0, all ports, is for persistent services.
        st.just(0) | ports if is_persistent else ports,
    )
    return endpoints | endpoints | marks


def _masks(family: Family) -> st.SearchStrategy[int]:
    if family is Family.IPV6:
        return st.integers(1, 128)
    return st.integers(1, 32).map(lambda length: 0xFFFFFFFF << (32 - length) & 0xFFFFFFFF)


@st.composite
def _destinations(draw: st.DrawFn, key: ServiceKey) -> Destination:
    forward = draw(st.sampled_from(Forward))
    is_tunnel = forward is Forward.TUNNEL
    family = draw(st.sampled_from(Family)) if is_tunnel else key.family
    kind = draw(st.sampled_from(TunnelType)) if is_tunnel else TunnelType.IPIP
    upper = draw(st.integers(0, 0xFFFF))
    return Destination(
        key=DestinationKey(draw(addresses(family)), draw(ports)),
        forward=forward,
        weight=draw(st.integers(0, 0xFFFF)),
        upper_threshold=upper,
        lower_threshold=draw(st.integers(0, upper)),
        tunnel_type=kind,
        tunnel_port=draw(ports) if kind is TunnelType.GUE else 0,
        tunnel_checksum=draw(st.sampled_from(TunnelChecksum))
        if kind is not TunnelType.IPIP
        else TunnelChecksum.NONE,
    )
