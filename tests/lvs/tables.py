"""Hypothesis strategies for kernel tables: all that IPVS can hold, as the kernel would answer it."""

from ipaddress import IPv4Address, IPv6Address

from hypothesis import strategies as st

from app.lvs.ipvs.table import (
    NO_SCHEDULER_BITS,
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

# Few addresses, so that two random tables have services in common; none is local to the test's machine.
IPV4 = st.integers(1, 6).map(lambda n: IPv4Address(f"192.0.2.{n}"))
IPV6 = st.integers(1, 6).map(lambda n: IPv6Address(f"2001:db8::{n}"))
PORTS = st.sampled_from((1, 53, 80, 443, 65535))
SCHEDULERS = ("rr", "wrr", "lc", "wlc", "lblc", "lblcr", "dh", "sh", "sed", "nq", "fo", "ovf", "mh")


def addresses(family: Family) -> st.SearchStrategy[Address]:
    return IPV4 if family is Family.IPV4 else IPV6


@st.composite
def keys(draw: st.DrawFn) -> ServiceKey:
    family = draw(st.sampled_from(Family))
    if draw(st.booleans()):
        mark = draw(st.sampled_from((1, 2, 80, 2**31 - 1, 2**31, 2**32 - 1)))
        return ServiceKey(family, Transport.NONE, None, 0, mark)
    transport = draw(st.sampled_from((Transport.TCP, Transport.UDP, Transport.SCTP)))
    return ServiceKey(family, transport, draw(addresses(family)), draw(PORTS))


@st.composite
def destinations(draw: st.DrawFn, service: ServiceKey) -> Destination:
    forward = draw(st.sampled_from((Forward.MASQUERADE, Forward.TUNNEL, Forward.ROUTE)))
    family = draw(st.sampled_from(Family)) if forward is Forward.TUNNEL and not service.fwmark else service.family
    upper = draw(st.sampled_from((0, 1, 100, 2**32 - 1)))
    kind = draw(st.sampled_from(TunnelType)) if forward is Forward.TUNNEL else TunnelType.IPIP
    checksums = st.just(TunnelChecksum.NONE) if kind is TunnelType.IPIP else st.sampled_from(TunnelChecksum)
    return Destination(
        key=DestinationKey(draw(addresses(family)), draw(PORTS)),
        forward=forward,
        weight=draw(st.sampled_from((0, 1, 7, 65535))),
        upper_threshold=upper,
        lower_threshold=draw(st.sampled_from((0, upper))),
        tunnel_type=kind,
        tunnel_port=draw(PORTS) if kind is TunnelType.GUE else 0,
        tunnel_checksum=draw(checksums),
    )


@st.composite
def services(draw: st.DrawFn) -> Service:
    key = draw(keys())
    persistent_s = draw(st.sampled_from((0, 1, 300, 86400)))
    full = 128 if key.family is Family.IPV6 else 0xFFFFFFFF
    masks = (128, 64, 1) if key.family is Family.IPV6 else (0xFFFFFFFF, 0xFFFFFF00, 0xFF00FF00)
    udp = key.transport is Transport.UDP
    members = draw(st.lists(destinations(key), max_size=4, unique_by=lambda destination: destination.key))
    return Service(
        key=key,
        scheduler=draw(st.sampled_from(SCHEDULERS)),
        scheduler_flags=draw(
            st.sampled_from((NO_SCHEDULER_BITS, *SchedulerBits, SchedulerBits.FLAG_1 | SchedulerBits.FLAG_2))
        ),
        persistent_s=persistent_s,
        netmask=draw(st.sampled_from(masks)) if persistent_s else full,
        one_packet=udp and draw(st.booleans()),
        persistence_engine="sip" if udp and persistent_s and draw(st.booleans()) else "",
        destinations=tuple(sorted(members, key=lambda destination: destination_order(destination.key))),
    )


def tables() -> st.SearchStrategy[Table]:
    """Return tables of up to six services."""
    unique = st.lists(services(), max_size=6, unique_by=lambda service: service.key)
    return unique.map(lambda found: {service.key: service for service in found})
