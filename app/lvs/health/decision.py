"""Decides about one virtual server: which servers are in rotation and at which weight, and the sorry server."""

from dataclasses import dataclass

from app.lvs.checks.load_agent import AgentState
from app.lvs.desired.table import DesiredWeights
from app.lvs.health.monitored import MonitoredServer, MonitoredVirtual, Weighing
from app.lvs.health.selection import Candidate, Hold, select
from app.lvs.health.weights import next_step_at, slow_share
from app.lvs.model.values import AdminState


@dataclass(frozen=True, slots=True)
class Move:
    """A server that was brought into or taken out of rotation, and the policy that held it until now, if any."""

    server: MonitoredServer
    was_held: Hold | None


@dataclass(frozen=True, slots=True)
class Decision:
    """What changed. `up` servers are up, the quorum needs `needed`; `is_lost` None: the quorum is as it was."""

    moves: tuple[Move, ...]
    is_lost: bool | None
    up: int
    needed: int


def decide(monitored: MonitoredVirtual, now: float) -> Decision:
    """Update the weights of `monitored` and when it is due for review; return what changed."""
    servers = [server for server in monitored.servers if server is not None]
    chosen = select([_candidate(server) for server in servers], monitored.policy, monitored.is_lost, now)
    moves: list[Move] = []
    for server, is_in, hold in zip(servers, chosen.is_in, chosen.holds, strict=True):
        if is_in != server.is_in:
            moves.append(Move(server, server.hold))
            server.is_in, server.moved_at = is_in, now
            server.came_in_at = now if is_in else None
        server.hold = hold
    is_lost = chosen.is_lost if chosen.is_lost != monitored.is_lost else None
    monitored.is_lost = chosen.is_lost
    weighing = monitored.weighing
    weights = tuple(None if server is None else weight_of(server, weighing, now) for server in monitored.servers)
    monitored.presence = DesiredWeights(weights, chosen.is_lost and monitored.policy.has_sorry)
    dues = [chosen.next_at, *(_next_step(server, weighing, now) for server in servers)]
    monitored.due = min((due for due in dues if due is not None), default=None)
    return Decision(tuple(moves), is_lost, chosen.up, chosen.needed)


def weight_of(server: MonitoredServer, weighing: Weighing, now: float) -> int | None:
    """Return the weight that `server` should have in the kernel; None: it should not be there."""
    match server.admin.state:
        case AdminState.MAINTENANCE:
            return None
        case AdminState.DRAIN:
            return 0
    if not server.is_in:
        return 0 if weighing.is_quiescing else None
    if server.stance is AgentState.DRAIN or not server.weight:
        return 0
    share = 100 * 100 * 100
    if server.load is not None:
        share = share * server.load.load.percent // 100
    if server.is_slow:
        share = share * weighing.degraded_weight // 100
    if server.came_in_at is not None and weighing.slow_start_s:
        share = share * slow_share(server.came_in_at, weighing.slow_start_s, now) // 100
    # Rounded up: a server in rotation gets clients.
    return -(-server.weight * share // 1_000_000)


def _candidate(server: MonitoredServer) -> Candidate:
    return Candidate(
        is_ready=server.is_ready,
        is_up=server.is_healthy,
        is_down=server.is_failed,
        is_pending=server.is_pending,
        has_weight=server.weight > 0 and server.stance is not AgentState.DRAIN,
        tier=server.tier,
        is_in=server.is_in,
        moved_at=server.moved_at,
        failed_at=server.failed_at,
    )


def _next_step(server: MonitoredServer, weighing: Weighing, now: float) -> float | None:
    if server.came_in_at is None or not weighing.slow_start_s:
        return None
    return next_step_at(server.came_in_at, weighing.slow_start_s, now)
