"""Begins to watch a virtual server: takes its rules from lvs.cf, and takes over what is known of its servers."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.lvs.checks.check import Check
from app.lvs.checks.from_config import checked_port, checks_needed, checks_of, load_check_of
from app.lvs.desired.table import destination_key, forwarding, service_key, sorry_key
from app.lvs.health.monitored import MonitoredCheck, MonitoredLoad, MonitoredServer, MonitoredVirtual, Weighing
from app.lvs.health.selection import Policy
from app.lvs.health.state import Rules, combine, unknown
from app.lvs.ipvs.table import DestinationKey, ServiceKey, Table
from app.lvs.keywords.table import effective
from app.lvs.model.admin_state import admin_of
from app.lvs.model.config import RealServer, VirtualServer
from app.lvs.model.values import Address, Network


@dataclass(frozen=True, slots=True)
class KernelState:
    """`now` is what the checks' times are counted in; `clock_s` is in seconds since the epoch."""

    now: float
    clock_s: float


def watch(
    virtual: VirtualServer, network: Network, before: MonitoredVirtual | None, table: Table, moment: KernelState
) -> MonitoredVirtual | None:
    """Return `virtual` to be judged: a server known from `before` keeps its state, for a new one see `table`.

    `before` is what was watched until now under the same key in the kernel. None: it has no usable address.
    """
    key = service_key(virtual)
    if key is None:
        return None
    there = table.get(key)
    weights = {destination.key: destination.weight for destination in there.destinations} if there else {}
    policy = policy_of(virtual)
    scene = _Scene(virtual, network, key, rules_of(virtual), weights, moment)
    known = {server.place: server for server in before.servers if server is not None} if before else {}
    servers: list[MonitoredServer | None] = []
    for server in virtual.server:
        watched = scene.server(server, server.address) if server.active and server.address is not None else None
        servers.append(watched)
        old = known.get(watched.place) if watched else None
        if watched is None or old is None or bool(old.checks) != bool(watched.checks):
            continue
        _carry_over(old, watched, moment.now)
        if before is not None and (before.policy, old.tier, old.admin) == (policy, watched.tier, watched.admin):
            # Else a person has just decided, which is not put off for what the checks did before.
            watched.moved_at = old.moved_at
    is_lost = before.is_lost if before else _is_sorry_in(scene, servers)
    return MonitoredVirtual(key, virtual, network, tuple(servers), policy, weighing_of(virtual), is_lost)


def rules_of(virtual: VirtualServer) -> Rules:
    """Return the rules lvs.cf gives for the checks of `virtual`."""
    return Rules(effective(virtual, "reentry"), effective(virtual, "fall"), virtual.rise)


def policy_of(virtual: VirtualServer) -> Policy:
    """Return the rules lvs.cf gives for which servers of `virtual` are in."""
    return Policy(
        quorum=effective(virtual, "quorum"),
        quorum_margin=effective(virtual, "quorum_margin"),
        max_out=effective(virtual, "max_out"),
        tier_need=effective(virtual, "tier_need"),
        damping_s=effective(virtual, "damping"),
        has_sorry=virtual.sorry_server is not None,
    )


def weighing_of(virtual: VirtualServer) -> Weighing:
    """Return the rules lvs.cf gives for the weights of `virtual`."""
    return Weighing(
        slow_start_s=effective(virtual, "slow_start"),
        degraded_s=virtual.degraded_ms / 1000 if virtual.degraded_ms is not None else None,
        degraded_weight=effective(virtual, "degraded_weight"),
        load_step=effective(virtual, "load_step"),
        load_floor=effective(virtual, "load_floor"),
        is_quiescing=bool(virtual.quiesce_server),
    )


@dataclass(frozen=True, slots=True)
class _Scene:
    """Where a server stands: `weights` are those the kernel holds in its service."""

    virtual: VirtualServer
    network: Network
    key: ServiceKey
    rules: Rules
    weights: Mapping[DestinationKey, int]
    moment: KernelState

    def server(self, server: RealServer, address: Address) -> MonitoredServer:
        """Return `server` as one nobody has asked yet."""
        virtual, network, now = self.virtual, self.network, self.moment.now
        key = destination_key(server, address, self.key, forwarding(virtual, server, network))
        checks = checks_of(virtual, server, network)
        load_check = load_check_of(virtual, server)
        weight = self.weights.get(key)
        configured = effective(server, "weight")
        # A server that was quiesced has weight 0 in the kernel, and is no more in than one that is not there.
        is_quiesced = weight == 0 and bool(virtual.quiesce_server) and configured > 0
        is_there = weight is not None and not is_quiesced
        return MonitoredServer(
            place=(self.key, key),
            server=server,
            checks=tuple(MonitoredCheck(check, state=unknown(is_there, now)) for check in checks),
            needed=checks_needed(virtual, len(checks)) if checks else 0,
            rules=self.rules,
            state=unknown(is_there or not checks, now),
            port=checked_port(virtual, server, network) or key.port,
            is_in=is_there,
            weight=configured,
            tier=effective(server, "tier"),
            admin=admin_of(server, self.moment.clock_s),
            load=MonitoredLoad(load_check) if load_check else None,
        )


def _carry_over(before: MonitoredServer, watched: MonitoredServer, now: float) -> None:
    old = {check.check: check for check in before.checks}
    stay = {check.check for check in watched.checks}
    for at, later in enumerate(watched.checks):
        # A check that was edited goes on where it stood.
        edited = before.checks[at] if at < len(before.checks) and before.checks[at].check not in stay else None
        same = old.get(later.check, edited)
        if same is not None:
            later.state, later.last, later.last_at = same.state, same.last, same.last_at
            later.mean_s, later.is_slow = same.mean_s, same.is_slow
    watched.state = before.state
    if watched.checks:
        watched.state = combine(
            before.state, [check.state.standing for check in watched.checks], watched.needed, now
        )
    watched.is_in, watched.came_in_at = before.is_in, before.came_in_at
    watched.failed_at, watched.why = before.failed_at, before.why
    if watched.load is not None and before.load is not None and _asks_alike(watched.load.check, before.load.check):
        watched.load = MonitoredLoad(watched.load.check, before.load.last, before.load.last_at, before.load.load)


def _asks_alike(check: Check, other: Check) -> bool:
    return (check.address, check.port) == (other.address, other.port)


def _is_sorry_in(scene: _Scene, servers: list[MonitoredServer | None]) -> bool:
    """Return whether the kernel holds the sorry server, as such."""
    sorry = sorry_key(scene.virtual, scene.key, scene.network)
    return sorry in scene.weights and all(server is None or server.place[1] != sorry for server in servers)
