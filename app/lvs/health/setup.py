"""Begins to monitor a virtual server: takes its rules from lvs.cf and keeps what is known of its servers."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

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
class Clocks:
    """`now` is the time by which checks are scheduled; `clock_s` is in seconds since the epoch."""

    now: float
    clock_s: float


def monitor(
    virtual: VirtualServer, network: Network, before: MonitoredVirtual | None, table: Table, clocks: Clocks
) -> MonitoredVirtual | None:
    """Return `virtual` as it is monitored: servers keep their state from `before`, new ones start as in `table`.

    `before` is what was monitored until now under the same key in the kernel. None: it has no usable address.
    """
    key = service_key(virtual)
    if key is None:
        return None
    there = table.get(key)
    weights = {destination.key: destination.weight for destination in there.destinations} if there else {}
    policy = policy_of(virtual)
    context = _ServiceContext(virtual, network, key, rules_of(virtual), weights, clocks)
    known = {server.place: server for server in before.servers if server is not None} if before else {}
    servers: list[MonitoredServer | None] = []
    for server in virtual.server:
        new = context.server(server, server.address) if server.active and server.address is not None else None
        servers.append(new)
        old = known.get(new.place) if new else None
        if new is None or old is None or bool(old.checks) != bool(new.checks):
            continue
        _carry_over(old, new, clocks.now)
        if before is not None and (before.policy, old.tier, old.admin) == (policy, new.tier, new.admin):
            # Otherwise an administrator has just decided, and damping must not delay that.
            new.moved_at = old.moved_at
    is_lost = before.is_lost if before else _is_sorry_in(context, servers)
    return MonitoredVirtual(key, virtual, network, tuple(servers), policy, weighing_of(virtual), is_lost)


def rules_of(virtual: VirtualServer) -> Rules:
    """Return the rules lvs.cf gives for the checks of `virtual`."""
    return Rules(effective(virtual, "reentry"), effective(virtual, "fall"), virtual.rise)


def policy_of(virtual: VirtualServer) -> Policy:
    """Return the rules lvs.cf gives for which servers of `virtual` are in rotation."""
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
class _ServiceContext:
    """What the servers of one service have in common: `weights` are those the kernel has for its destinations."""

    virtual: VirtualServer
    network: Network
    key: ServiceKey
    rules: Rules
    weights: Mapping[DestinationKey, int]
    clocks: Clocks

    def server(self, server: RealServer, address: Address) -> MonitoredServer:
        """Return `server` as one that has not been checked yet."""
        virtual, network, now = self.virtual, self.network, self.clocks.now
        key = destination_key(server, address, self.key, forwarding(virtual, server, network))
        checks = checks_of(virtual, server, network)
        load_check = load_check_of(virtual, server)
        weight = self.weights.get(key)
        configured = effective(server, "weight")
        # A quiesced server has weight 0 in the kernel and is as much out of rotation as one that is not there.
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
            admin=admin_of(server, self.clocks.clock_s),
            load=MonitoredLoad(load_check) if load_check else None,
        )


def _carry_over(before: MonitoredServer, new: MonitoredServer, now: float) -> None:
    old = {check.check: check for check in before.checks}
    stay = {check.check for check in new.checks}
    for at, later in enumerate(new.checks):
        # An edited check keeps its state.
        edited = before.checks[at] if at < len(before.checks) and before.checks[at].check not in stay else None
        same = old.get(later.check, edited)
        if same is not None:
            later.state, later.last, later.last_at = same.state, same.last, same.last_at
            later.not_run_since = same.not_run_since
            later.mean_s, later.is_slow = same.mean_s, same.is_slow
    new.state = before.state
    if new.checks:
        new.state = combine(before.state, [check.state.standing for check in new.checks], new.needed, now)
    new.is_in, new.came_in_at = before.is_in, before.came_in_at
    new.failed_at, new.why, new.is_unasked = before.failed_at, before.why, before.is_unasked
    if new.load is not None and before.load is not None and _is_same_agent(new.load.check, before.load.check):
        new.load = replace(before.load, check=new.load.check)


def _is_same_agent(check: Check, other: Check) -> bool:
    return (check.address, check.port) == (other.address, other.port)


def _is_sorry_in(context: _ServiceContext, servers: list[MonitoredServer | None]) -> bool:
    """Return whether the kernel has the sorry server in its role, and not as a real server."""
    sorry = sorry_key(context.virtual, context.key, context.network)
    return sorry in context.weights and all(server is None or server.place[1] != sorry for server in servers)
