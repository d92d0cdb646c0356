"""From IPVS's generic netlink answers to values. Pure unpacking; the requests are in `encode.py`.

What comes out is normalised, so that what is read back equals what was written: the kernel's own flag is dropped,
and a service that is not persistent has timeout 0 and a mask of all ones, whatever the kernel remembers.
"""

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address
from struct import Struct
from typing import Any

from app.host.ipvs.constants import (
    ADDRESS_FAMILY,
    FORWARD_MASK,
    TUNNEL_FLAGS,
    TUNNEL_TYPE,
    DaemonState,
    Flag,
    OfDaemon,
    OfDestination,
    OfInfo,
    OfService,
    Top,
    each_alone,
)
from app.host.ipvs.decode_stats import counters
from app.host.ipvs.values import KernelVersion, SyncDaemon, Timeouts
from app.host.netlink.frames import attributes, generic_attributes
from app.lvs.ipvs.counters import Counters, DestinationCounters
from app.lvs.ipvs.table import (
    Destination,
    DestinationKey,
    Family,
    Forward,
    SchedulerBits,
    Service,
    ServiceKey,
    Transport,
)
from app.lvs.model.values import Address, TunnelChecksum, TunnelType

_U8, _U16, _U32, _FLAGS = Struct("=B"), Struct("=H"), Struct("=I"), Struct("=II")
_PORT, _MASK4 = Struct("!H"), Struct("!I")

_FAMILY = {number: family for family, number in ADDRESS_FAMILY.items()}
_FORWARD = {int(forward): forward for forward in Forward}
_TUNNEL = {number: kind for kind, number in TUNNEL_TYPE.items()}
_CHECKSUM = {number: checksum for checksum, number in TUNNEL_FLAGS.items()}

_DESTINATION_FORMS = {
    OfDestination.ADDRESS: "16s",
    OfDestination.PORT: "2s",
    OfDestination.FORWARD: "I",
    OfDestination.WEIGHT: "I",
    OfDestination.TUNNEL_TYPE: "B",
    OfDestination.TUNNEL_PORT: "2s",
    OfDestination.TUNNEL_FLAGS: "H",
    OfDestination.UPPER: "I",
    OfDestination.LOWER: "I",
    OfDestination.ACTIVE: "I",
    OfDestination.INACTIVE: "I",
    OfDestination.PERSISTENT: "I",
    OfDestination.FAMILY: "H",
}
"""A destination's attributes in the order in which kernels from 5.3 on send them, and how each is packed."""

_USUAL_KINDS = tuple(_DESTINATION_FORMS)
_PADDING = {"2s": "2x", "H": "2x", "B": "3x"}
_USUAL = Struct("=" + "".join(f"HH{form}{_PADDING.get(form, '')}" for form in _DESTINATION_FORMS.values()))
_NOTHING_SAID = {
    OfDestination.TUNNEL_TYPE: 0,
    OfDestination.TUNNEL_PORT: bytes(2),
    OfDestination.TUNNEL_FLAGS: 0,
}


def decode_service(body: memoryview) -> tuple[Service, Counters]:
    """Unpack one answer to GET_SERVICE: the service without its destinations, and its totals."""
    found = attributes(generic_attributes(body)[Top.SERVICE])
    key = _service_key(found)
    flags, _ = _FLAGS.unpack(found[OfService.FLAGS])
    timeout, netmask = 0, each_alone(key.family)
    if flags & Flag.PERSISTENT:
        timeout = _number(found[OfService.TIMEOUT], _U32)
        netmask = _number(found[OfService.NETMASK], _MASK4 if key.family is Family.IPV4 else _U32)
    service = Service(
        key=key,
        scheduler=_text(found[OfService.SCHEDULER]),
        scheduler_flags=SchedulerBits(flags & Flag.SCHEDULER),
        persistent_s=timeout,
        netmask=netmask,
        one_packet=bool(flags & Flag.ONE_PACKET),
        persistence_engine=_text(found[OfService.ENGINE]) if OfService.ENGINE in found else "",
    )
    return service, counters(found.get(OfService.STATS64), found.get(OfService.STATS))


def decode_destination(body: memoryview, family: Family) -> tuple[Destination, DestinationCounters]:
    """Unpack one answer to GET_DESTINATION; `family` is its service's, for kernels that do not report it."""
    view = generic_attributes(body)[Top.DESTINATION]
    fields = _usual_fields(view)
    if fields is None:
        found = attributes(view)
        fields = _any_fields(found, family)
    else:
        # 10,000 of them are read every second or two: one unpack here does the work of fifteen.
        found = attributes(view[_USUAL.size :])
    active, inactive, persistent = fields[9:12]
    totals = counters(found.get(OfDestination.STATS64), found.get(OfDestination.STATS))
    return _destination(*fields[:9], fields[12]), DestinationCounters(active, inactive, persistent, totals)


@lru_cache(maxsize=1 << 15)
def _destination(
    address: bytes,
    port: bytes,
    forward: int,
    weight: int,
    tunnel: int,
    tunnel_port: bytes,
    checksum: int,
    upper: int,
    lower: int,
    family: int,
) -> Destination:
    """Return the destination of these fields; the same object when it is read again, which halves the cost."""
    return Destination(
        DestinationKey(_address(address, _FAMILY[family]), int.from_bytes(port, "big")),
        _FORWARD[forward & FORWARD_MASK],
        weight,
        upper,
        lower,
        # A newer kernel may report a type unknown here, for an unmanaged destination: show it as a plain one.
        _TUNNEL.get(tunnel, TunnelType.IPIP),
        int.from_bytes(tunnel_port, "big"),
        _CHECKSUM.get(checksum, TunnelChecksum.NONE),
    )


def decode_timeouts(body: memoryview) -> Timeouts:
    """Unpack the answer to GET_CONFIG; a kernel without UDP or TCP balancing leaves its timeouts 0."""
    found = generic_attributes(body)
    kinds = (Top.TIMEOUT_TCP, Top.TIMEOUT_TCP_FIN, Top.TIMEOUT_UDP)
    return Timeouts(*(_number(found[kind], _U32) if kind in found else 0 for kind in kinds))


def decode_daemon(body: memoryview) -> SyncDaemon:
    """Unpack one answer to GET_DAEMON."""
    found = attributes(generic_attributes(body)[Top.DAEMON])
    group: Address | None = None
    if OfDaemon.GROUP6 in found:
        group = IPv6Address(bytes(found[OfDaemon.GROUP6]))
    elif OfDaemon.GROUP in found:
        group = IPv4Address(bytes(found[OfDaemon.GROUP]))
    return SyncDaemon(
        is_master=_number(found[OfDaemon.STATE], _U32) == DaemonState.MASTER,
        interface=_text(found[OfDaemon.INTERFACE]),
        sync_id=_number(found[OfDaemon.SYNC_ID], _U32),
        maxlen=_number(found[OfDaemon.MAXLEN], _U16) if OfDaemon.MAXLEN in found else 0,
        group=group,
        port=_number(found[OfDaemon.PORT], _U16) if OfDaemon.PORT in found else 0,
        ttl=_number(found[OfDaemon.TTL], _U8) if OfDaemon.TTL in found else 0,
    )


def decode_version(body: memoryview) -> KernelVersion:
    """Unpack the answer to GET_INFO."""
    found = generic_attributes(body)
    packed = _number(found[OfInfo.VERSION], _U32)
    number = f"{packed >> 16 & 0xFF}.{packed >> 8 & 0xFF}.{packed & 0xFF}"
    return KernelVersion(number, _number(found[OfInfo.TABLE_SIZE], _U32))


def _usual_fields(view: memoryview) -> tuple[Any, ...] | None:
    if len(view) < _USUAL.size:
        return None
    fields = _USUAL.unpack_from(view)
    return fields[2::3] if fields[1::3] == _USUAL_KINDS else None


def _any_fields(found: dict[int, memoryview], family: Family) -> tuple[Any, ...]:
    absent = {**_NOTHING_SAID, OfDestination.FAMILY: ADDRESS_FAMILY[family]}
    return tuple(
        Struct("=" + form).unpack_from(found[kind])[0] if kind in found else absent[kind]
        for kind, form in _DESTINATION_FORMS.items()
    )


def _service_key(found: dict[int, memoryview]) -> ServiceKey:
    family = _FAMILY[_number(found[OfService.FAMILY], _U16)]
    if OfService.FWMARK in found:
        return ServiceKey(family, Transport.NONE, None, 0, _number(found[OfService.FWMARK], _U32))
    return ServiceKey(
        family,
        Transport(_number(found[OfService.PROTOCOL], _U16)),
        _address(bytes(found[OfService.ADDRESS]), family),
        _number(found[OfService.PORT], _PORT),
    )


def _address(packed: bytes, family: Family) -> Address:
    return IPv4Address(packed[:4]) if family is Family.IPV4 else IPv6Address(packed)


def _number(payload: memoryview, form: Struct) -> int:
    number: int = form.unpack_from(payload)[0]
    return number


def _text(payload: memoryview) -> str:
    return bytes(payload).rstrip(b"\0").decode("ascii", "replace")
