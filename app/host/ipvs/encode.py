"""From a plan's steps to IPVS's generic netlink requests. Pure packing; the answers are in `decode.py`."""

from functools import lru_cache
from struct import Struct

from app.host.ipvs.constants import (
    ADDRESS_FAMILY,
    ALL_ONES,
    TUNNEL_FLAGS,
    TUNNEL_TYPE,
    VERSION,
    Command,
    DaemonState,
    Flag,
    OfDaemon,
    OfDestination,
    OfService,
    Top,
    each_alone,
)
from app.host.ipvs.values import SyncDaemon, Timeouts
from app.host.netlink.frames import attribute, generic_message, nested
from app.lvs.ipvs.plan import (
    AddDestination,
    AddService,
    DeleteDestination,
    DeleteService,
    SetDestination,
    SetService,
    Step,
)
from app.lvs.ipvs.table import Destination, DestinationKey, Family, Forward, Service, ServiceKey
from app.lvs.model.values import Address, TunnelChecksum, TunnelType

_U8, _U16, _U32, _FLAGS = Struct("=B"), Struct("=H"), Struct("=I"), Struct("=II")
_PORT, _MASK4 = Struct("!H"), Struct("!I")


def request(family_id: int, command: Command, flags: int, sequence: int, payload: bytes = b"") -> bytes:
    """Pack a request of `command`; `family_id` is the netlink family of IPVS since this boot."""
    return generic_message(family_id, command, VERSION, flags, sequence, payload)


def step_request(step: Step, family_id: int, flags: int, sequence: int) -> bytes:
    """Pack the message that carries out `step`."""
    command, payload = _step(step)
    return request(family_id, command, flags, sequence, payload)


@lru_cache(maxsize=64)
def key_payload(key: ServiceKey) -> bytes:
    """Pack the key of one service; cached, as the steps of one service follow each other."""
    return nested(Top.SERVICE, _service_key(key))


def timeouts_payload(timeouts: Timeouts) -> bytes:
    """Pack the three timeouts; 0 leaves one unchanged."""
    return (
        attribute(Top.TIMEOUT_TCP, _U32.pack(timeouts.tcp_s))
        + attribute(Top.TIMEOUT_TCP_FIN, _U32.pack(timeouts.tcpfin_s))
        + attribute(Top.TIMEOUT_UDP, _U32.pack(timeouts.udp_s))
    )


def daemon_payload(daemon: SyncDaemon) -> bytes:
    """Pack a sync daemon; what it leaves open (0, None) the kernel chooses."""
    state = DaemonState.MASTER if daemon.is_master else DaemonState.BACKUP
    body = (
        attribute(OfDaemon.STATE, _U32.pack(state))
        + attribute(OfDaemon.INTERFACE, _c_string(daemon.interface))
        + attribute(OfDaemon.SYNC_ID, _U32.pack(daemon.sync_id))
    )
    if daemon.maxlen:
        body += attribute(OfDaemon.MAXLEN, _U16.pack(daemon.maxlen))
    if daemon.group is not None:
        kind = OfDaemon.GROUP if daemon.group.version == 4 else OfDaemon.GROUP6
        body += attribute(kind, daemon.group.packed)
    if daemon.port:
        body += attribute(OfDaemon.PORT, _U16.pack(daemon.port))
    if daemon.ttl:
        body += attribute(OfDaemon.TTL, _U8.pack(daemon.ttl))
    return nested(Top.DAEMON, body)


def _step(step: Step) -> tuple[Command, bytes]:
    match step:
        case AddService(service):
            return Command.NEW_SERVICE, nested(Top.SERVICE, _service(service))
        case SetService(service):
            return Command.SET_SERVICE, nested(Top.SERVICE, _service(service))
        case DeleteService(key):
            return Command.DELETE_SERVICE, key_payload(key)
        case AddDestination(key, destination):
            return Command.NEW_DESTINATION, key_payload(key) + nested(Top.DESTINATION, _destination(destination))
        case SetDestination(key, destination):
            return Command.SET_DESTINATION, key_payload(key) + nested(Top.DESTINATION, _destination(destination))
        case DeleteDestination(key, destination_key):
            named = nested(Top.DESTINATION, _destination_key(destination_key))
            return Command.DELETE_DESTINATION, key_payload(key) + named


def _service_key(key: ServiceKey) -> bytes:
    family = attribute(OfService.FAMILY, _U16.pack(ADDRESS_FAMILY[key.family]))
    if key.address is None:
        return family + attribute(OfService.FWMARK, _U32.pack(key.fwmark))
    return (
        family
        + attribute(OfService.PROTOCOL, _U16.pack(key.transport))
        + attribute(OfService.ADDRESS, _address(key.address))
        + attribute(OfService.PORT, _PORT.pack(key.port))
    )


def _service(service: Service) -> bytes:
    family = service.key.family
    flags = int(service.scheduler_flags) & Flag.SCHEDULER
    netmask = each_alone(family)
    if service.persistent_s:
        flags |= Flag.PERSISTENT
        netmask = service.netmask
    if service.one_packet:
        flags |= Flag.ONE_PACKET
    engine = service.persistence_engine
    # IPv4: a mask in network byte order. IPv6: a prefix length in host byte order.
    mask_form = _MASK4 if family is Family.IPV4 else _U32
    return (
        _service_key(service.key)
        + attribute(OfService.SCHEDULER, _c_string(service.scheduler))
        # A flag that is not in the second number (the mask) would keep its old value.
        + attribute(OfService.FLAGS, _FLAGS.pack(flags, ALL_ONES))
        + attribute(OfService.TIMEOUT, _U32.pack(service.persistent_s))
        + attribute(OfService.NETMASK, mask_form.pack(netmask))
        + (attribute(OfService.ENGINE, _c_string(engine)) if engine else b"")
    )


def _destination_key(key: DestinationKey) -> bytes:
    return (
        attribute(OfDestination.ADDRESS, _address(key.address))
        + attribute(OfDestination.PORT, _PORT.pack(key.port))
        # Without it the kernel assumes the service's family, which is wrong for a tunnel to the other one.
        + attribute(OfDestination.FAMILY, _U16.pack(ADDRESS_FAMILY[Family(key.address.version)]))
    )


def _destination(destination: Destination) -> bytes:
    return _destination_key(destination.key) + _settings(
        destination.forward,
        destination.weight,
        destination.upper_threshold,
        destination.lower_threshold,
        destination.tunnel_type,
        destination.tunnel_port,
        destination.tunnel_checksum,
    )


@lru_cache(maxsize=1024)
def _settings(
    forward: Forward, weight: int, upper: int, lower: int, kind: TunnelType, port: int, checksum: TunnelChecksum
) -> bytes:
    """Pack the settings of a destination; cached, as most have the same: with `key_payload` half the packing."""
    return (
        attribute(OfDestination.FORWARD, _U32.pack(forward))
        + attribute(OfDestination.WEIGHT, _U32.pack(weight))
        + attribute(OfDestination.UPPER, _U32.pack(upper))
        + attribute(OfDestination.LOWER, _U32.pack(lower))
        + attribute(OfDestination.TUNNEL_TYPE, _U8.pack(TUNNEL_TYPE[kind]))
        + attribute(OfDestination.TUNNEL_PORT, _PORT.pack(port))
        + attribute(OfDestination.TUNNEL_FLAGS, _U16.pack(TUNNEL_FLAGS[checksum]))
    )


def _address(address: Address) -> bytes:
    return address.packed.ljust(16, b"\0")


def _c_string(text: str) -> bytes:
    return text.encode("ascii") + b"\0"
