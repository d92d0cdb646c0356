"""What the kernel ought to hold for a configuration. The one place where lvs.cf's words become the kernel's."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

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
from app.lvs.keywords.table import effective
from app.lvs.model.config import Config, RealServer, VirtualServer
from app.lvs.model.identity_cache import IdentityCache
from app.lvs.model.schedulers import SchedulerFlag
from app.lvs.model.values import (
    Address,
    ClusterType,
    Netmask,
    Network,
    Prefix,
    Protocol,
    TunnelChecksum,
    TunnelType,
)


@dataclass(frozen=True, slots=True)
class DesiredWeights:
    """For each real server, in file order, the weight the kernel ought to hold; whether the sorry server is in.

    None: the server is not to be there. Weight 0: it gets no new clients, and open connections may finish.
    """

    servers: tuple[int | None, ...]
    sorry: bool = False


Health = Sequence[DesiredWeights | None]
"""One for each virtual server of a configuration, in its order; None where nothing is judged: all are in."""


_TRANSPORT = {Protocol.TCP: Transport.TCP, Protocol.UDP: Transport.UDP, Protocol.SCTP: Transport.SCTP}
_FORWARD = {Network.NAT: Forward.MASQUERADE, Network.DIRECT: Forward.ROUTE, Network.TUNNEL: Forward.TUNNEL}
_BITS = {
    SchedulerFlag.SH_FALLBACK: SchedulerBits.FLAG_1,
    SchedulerFlag.SH_PORT: SchedulerBits.FLAG_2,
    SchedulerFlag.MH_FALLBACK: SchedulerBits.FLAG_1,
    SchedulerFlag.MH_PORT: SchedulerBits.FLAG_2,
}


@dataclass(frozen=True, slots=True)
class MadeService:
    """The service made of a virtual server, with the network type and the weights it was made for."""

    service: Service
    network: Network
    weights: DesiredWeights | None


ServiceCache = IdentityCache[VirtualServer, MadeService]
"""What the last call of `desired` made of each virtual server object."""


def desired(config: Config, memory: ServiceCache | None = None, health: Health | None = None) -> Table:
    """Return the table for `config`: every active virtual server with its servers at the weights of `health`.

    `config` has passed the rules. Without `health` nothing is checked: all active servers are in rotation. With
    `memory`, a virtual server object of the last call with unchanged health gives the same Service object, so
    that a plan skips by identity what a change did not touch.
    """
    if effective(config, "service") is not ClusterType.LVS:
        return {}
    network = effective(config, "network")
    cache = memory if memory is not None else ServiceCache()
    table: dict[ServiceKey, Service] = {}
    for position, virtual in enumerate(config.virtual):
        if not virtual.active:
            continue
        weights = health[position] if health is not None else None
        made = cache.find(virtual)
        if made is None or made.network is not network or made.weights != weights:
            key = service_key(virtual)
            if key is None:
                continue
            service = _service(virtual, key, network, weights)
            made = cache.keep(virtual, MadeService(service, network, weights))
        # Two services may share a mark (the rules warn): as in Piranha, the first one gets it.
        table.setdefault(made.service.key, made.service)
    cache.end_pass()
    return table


def active_virtuals(config: Config) -> Iterator[VirtualServer]:
    """Yield the virtual servers that are to run, in file order; one without an address or mark cannot."""
    return (virtual for virtual in config.virtual if virtual.active and service_key(virtual) is not None)


def service_key(virtual: VirtualServer) -> ServiceKey | None:
    """Return what identifies `virtual` in the kernel; None while it has no usable address."""
    if virtual.fwmark:
        return ServiceKey(family_of(virtual), Transport.NONE, None, 0, virtual.fwmark)
    address = virtual.address.address if virtual.address else None
    if address is None or not int(address):
        return None
    transport = _TRANSPORT[effective(virtual, "protocol")]
    return ServiceKey(family_of(virtual), transport, address, effective(virtual, "port"))


def family_of(virtual: VirtualServer) -> Family:
    """Return the address family of the service: that of its address; a mark alone is IPv4's."""
    return Family(virtual.address.address.version) if virtual.address else Family.IPV4


def forwarding(virtual: VirtualServer, server: RealServer, network: Network) -> Network:
    """Return the forwarding method of `server`: its own, else its virtual server's, else the configuration's."""
    return server.network or virtual.network or network


def destination_key(server: RealServer, address: Address, service: ServiceKey, method: Network) -> DestinationKey:
    """Return what identifies `server`, whose address is `address`, within `service`."""
    # Without NAT the packet goes on as it came, so the kernel has to know the port it came for (ipvsadm does the
    # same). A mark has no port: 0 keeps each packet's own.
    port = (server.port or service.port) if method is Network.NAT else service.port
    return DestinationKey(address, port)


def sorry_key(virtual: VirtualServer, service: ServiceKey, network: Network) -> DestinationKey | None:
    """Return what identifies the sorry server of `virtual` within `service`; None when it has none."""
    if virtual.sorry_server is None:
        return None
    server = _sorry_server(virtual, virtual.sorry_server)
    return destination_key(server, virtual.sorry_server, service, forwarding(virtual, server, network))


def netmask(mask: Netmask | None, family: Family) -> int:
    """Return the kernel's form of a persistence mask; see `Service.netmask`."""
    if family is Family.IPV6:
        return mask.length if isinstance(mask, Prefix) and mask.length else 128
    if isinstance(mask, Prefix):
        return 0xFFFFFFFF << (32 - mask.length) & 0xFFFFFFFF if mask.length else 0xFFFFFFFF
    return int(mask) if mask is not None and int(mask) else 0xFFFFFFFF


def _service(
    virtual: VirtualServer, key: ServiceKey, network: Network, presence: DesiredWeights | None
) -> Service:
    persistent_s = effective(virtual, "persistent")
    return Service(
        key=key,
        scheduler=effective(virtual, "scheduler"),
        scheduler_flags=_bits(virtual.scheduler_flags or ()),
        persistent_s=persistent_s,
        netmask=netmask(virtual.pmask if persistent_s else None, key.family),
        one_packet=bool(virtual.one_packet),
        persistence_engine=virtual.persistence_engine or "",
        destinations=_destinations(virtual, key, network, presence),
    )


def _bits(flags: Sequence[SchedulerFlag]) -> SchedulerBits:
    bits = NO_SCHEDULER_BITS
    for flag in flags:
        bits |= _BITS[flag]
    return bits


def _destinations(
    virtual: VirtualServer, key: ServiceKey, network: Network, presence: DesiredWeights | None
) -> tuple[Destination, ...]:
    wanted: dict[DestinationKey, Destination] = {}
    for index, server in enumerate(virtual.server):
        if not server.active or server.address is None:
            continue
        destination = _destination(server, server.address, key, forwarding(virtual, server, network))
        if presence is not None:
            weight = presence.servers[index]
            if weight is None:
                continue
            if weight != destination.weight:
                destination = replace(destination, weight=weight)
        wanted[destination.key] = destination
    if presence is not None and presence.sorry and virtual.sorry_server is not None:
        sorry = _sorry_destination(virtual, virtual.sorry_server, key, network)
        wanted[sorry.key] = sorry
    return tuple(sorted(wanted.values(), key=lambda destination: destination_order(destination.key)))


def _sorry_server(virtual: VirtualServer, address: Address) -> RealServer:
    return RealServer(name="sorry server", address=address, weight=1, port=virtual.sorry_port)


def _sorry_destination(virtual: VirtualServer, address: Address, key: ServiceKey, network: Network) -> Destination:
    """Return the sorry server as Piranha had it: the service's own method, weight 1; its own port with NAT."""
    server = _sorry_server(virtual, address)
    destination = _destination(server, address, key, forwarding(virtual, server, network))
    # The director itself: the kernel reports Local whatever was set.
    return replace(destination, forward=Forward.LOCAL) if address.is_loopback else destination


def _destination(server: RealServer, address: Address, key: ServiceKey, method: Network) -> Destination:
    kind = effective(server, "tunnel_type") if method is Network.TUNNEL else TunnelType.IPIP
    return Destination(
        key=destination_key(server, address, key, method),
        forward=_FORWARD[method],
        weight=effective(server, "weight"),
        upper_threshold=effective(server, "upper_threshold"),
        lower_threshold=effective(server, "lower_threshold"),
        tunnel_type=kind,
        tunnel_port=(server.tunnel_port or 0) if kind is TunnelType.GUE else 0,
        tunnel_checksum=(TunnelChecksum.NONE if kind is TunnelType.IPIP else effective(server, "tunnel_checksum")),
    )
