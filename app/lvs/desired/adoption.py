"""From a service in the kernel to the virtual server that results in just that: the reverse of `desired`."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from ipaddress import IPv4Address

from app.lvs.desired.table import desired, service_key
from app.lvs.ipvs.diff import diff
from app.lvs.ipvs.plan import Plan
from app.lvs.ipvs.service_names import address_text
from app.lvs.ipvs.table import Destination, Family, Forward, SchedulerBits, Service, Table, Transport
from app.lvs.keywords.table import effective
from app.lvs.model.check_kinds import CheckKind
from app.lvs.model.config import Config, RealServer, VirtualServer
from app.lvs.model.schedulers import Scheduler, SchedulerFlag
from app.lvs.model.values import (
    Address,
    ClusterType,
    Floating,
    Netmask,
    Network,
    Prefix,
    Protocol,
    TunnelChecksum,
    TunnelType,
)

_PROTOCOL = {Transport.TCP: Protocol.TCP, Transport.UDP: Protocol.UDP, Transport.SCTP: Protocol.SCTP}
_NETWORK = {Forward.MASQUERADE: Network.NAT, Forward.ROUTE: Network.DIRECT, Forward.TUNNEL: Network.TUNNEL}
_FLAGS = {
    Scheduler.SH: (
        (SchedulerBits.FLAG_1, SchedulerFlag.SH_FALLBACK),
        (SchedulerBits.FLAG_2, SchedulerFlag.SH_PORT),
    ),
    Scheduler.MH: (
        (SchedulerBits.FLAG_1, SchedulerFlag.MH_FALLBACK),
        (SchedulerBits.FLAG_2, SchedulerFlag.MH_PORT),
    ),
}


class Unadoptable(Exception):
    """lvs.cf cannot describe a service like this one; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Adoption:
    """`virtual` asks for the service; `plan` is what pulse would still change in the kernel for it.

    An empty plan: lvs.cf describes all of it, and nothing is changed.
    """

    virtual: VirtualServer
    plan: Plan


def adopt(service: Service, config: Config, name: str, floating: Floating | None) -> Adoption:
    """Return the virtual server `name` for `service`, to stand in `config`; raise Unadoptable.

    `floating` is its virtual IP with the device: the service's own address, or one for a firewall mark, which
    has none (None: it stays so). The servers are not checked, so that none goes out before somebody has chosen a
    check: what is in the kernel is what serves.
    """
    virtual = _virtual(service, config, name, floating)
    if effective(config, "service") is not ClusterType.LVS:
        raise Unadoptable(
            "The configuration is for failover services (service = fos), which never enter the kernel's IPVS "
            "table: set Cluster type to lvs in GLOBAL SETTINGS first."
        )
    key = service_key(virtual)
    if key != service.key:
        raise Unadoptable(
            "An IPv6 firewall mark requires an IPv6 address in lvs.cf, which determines the "
            "address family: enter one."
            if service.key.fwmark
            else "The virtual IP must be the address the service has in the kernel."
        )
    before: Table = {service.key: service}
    return Adoption(virtual, diff(before, desired(replace(config, virtual=(virtual,))), before))


def _virtual(service: Service, config: Config, name: str, floating: Floating | None) -> VirtualServer:
    key = service.key
    try:
        scheduler = Scheduler(service.scheduler)
    except ValueError:
        raise Unadoptable(
            f"Its scheduler is '{service.scheduler}', which lvs.cf does not support. Set one of "
            f"{', '.join(Scheduler)} with ipvsadm -E first."
        ) from None
    general: Network = effective(config, "network")
    network = _usual(service.destinations, general)
    return VirtualServer(
        name=name,
        active=True,
        address=floating,
        fwmark=key.fwmark or None,
        port=None if key.fwmark else key.port,
        protocol=_PROTOCOL.get(key.transport),
        scheduler=scheduler,
        scheduler_flags=tuple(_flags(service.scheduler_flags, scheduler)) or None,
        persistent=service.persistent_s or None,
        pmask=_mask(service),
        one_packet=service.one_packet or None,
        persistence_engine=service.persistence_engine or None,
        network=None if network is general else network,
        check=CheckKind.NONE,
        server=tuple(
            _server(destination, service, network, _names(config)) for destination in service.destinations
        ),
    )


def _usual(destinations: tuple[Destination, ...], general: Network) -> Network:
    """Return how most of `destinations` are reached; the configuration's `general` way where that is as good."""
    counted = Counter(_network(destination) for destination in destinations)
    if not counted:
        return general
    return max(counted, key=lambda network: (counted[network], network is general))


def _network(destination: Destination) -> Network:
    # The kernel reports Local for its own addresses, whatever was set; packets arrive unchanged, as in routing.
    return _NETWORK.get(destination.forward, Network.DIRECT)


def _flags(bits: SchedulerBits, scheduler: Scheduler) -> Iterator[SchedulerFlag]:
    return (flag for bit, flag in _FLAGS.get(scheduler, ()) if bit in bits)


def _mask(service: Service) -> Netmask | None:
    if not service.persistent_s:
        return None
    if service.key.family is Family.IPV6:
        return Prefix(service.netmask) if 0 < service.netmask < 128 else None
    return IPv4Address(service.netmask) if 0 < service.netmask < 0xFFFFFFFF else None


def _server(destination: Destination, service: Service, usual: Network, names: dict[Address, str]) -> RealServer:
    address, port = destination.key.address, destination.key.port
    network = _network(destination)
    kind = destination.tunnel_type
    return RealServer(
        name=names.get(address, address_text(address)),
        address=address,
        active=True,
        port=port if network is Network.NAT and port != service.key.port and port else None,
        weight=destination.weight,
        network=None if network is usual else network,
        upper_threshold=destination.upper_threshold or None,
        lower_threshold=destination.lower_threshold or None,
        tunnel_type=None if kind is TunnelType.IPIP else kind,
        tunnel_port=destination.tunnel_port or None,
        tunnel_checksum=None
        if destination.tunnel_checksum is TunnelChecksum.NONE
        else destination.tunnel_checksum,
    )


def _names(config: Config) -> dict[Address, str]:
    """Return what each machine is called already."""
    names: dict[Address, str] = {}
    for _, server in config.servers():
        if server.address is not None and int(server.address) and server.name:
            names.setdefault(server.address, server.name)
    return names
