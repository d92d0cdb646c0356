"""What the judgement tells: each thing that happened, with its whole reason in words."""

from dataclasses import dataclass
from typing import Literal

from app.lvs.checks.check import Result
from app.lvs.health.monitored import MonitoredCheck, MonitoredServer, MonitoredVirtual
from app.lvs.health.selection import Cause
from app.lvs.health.state import HealthStatus, State
from app.lvs.model.admin_state import Admin
from app.lvs.model.values import AdminState


@dataclass(frozen=True, slots=True)
class Transition:
    """A server came in or went out, with the whole reason."""

    virtual: str
    server: str
    address: str
    port: int
    is_up: bool
    reason: str


@dataclass(frozen=True, slots=True)
class DirectorIsolation:
    """The director began to suspect itself, or ceased to."""

    is_on: bool
    reason: str


@dataclass(frozen=True, slots=True)
class ServerNotice:
    """Something else about a server, or about a virtual server as a whole: then `server` is empty and `port` 0."""

    kind: Literal["degraded", "normal", "quorum-lost", "quorum", "held", "admin"]
    virtual: str
    reason: str
    server: str = ""
    address: str = ""
    port: int = 0


HealthEvent = Transition | DirectorIsolation | ServerNotice


def transition(watched: MonitoredVirtual, server: MonitoredServer, reason: str) -> Transition:
    """Return that `server` is in or out now."""
    address = str(server.place[1].address)
    return Transition(watched.virtual.name, server.server.name, address, server.port, server.is_in, reason)


def notice(
    kind: Literal["degraded", "normal", "held", "admin"],
    watched: MonitoredVirtual,
    server: MonitoredServer,
    reason: str,
) -> ServerNotice:
    """Return a notice about `server`."""
    address = str(server.place[1].address)
    return ServerNotice(kind, watched.virtual.name, reason, server.server.name, address, server.port)


def outcome(watched: MonitoredVirtual, server: MonitoredServer, reason: str) -> HealthEvent:
    """Return what became of `server` for `reason`: it is in, is out, or is held against what its checks say."""
    if server.is_in == server.is_well:
        return transition(watched, server, reason)
    sentence = server.hold.sentence if server.hold else ""
    return notice("held", watched, server, "; ".join(part for part in (reason, sentence) if part))


def moved(watched: MonitoredVirtual, server: MonitoredServer, was_held: Cause | None) -> HealthEvent | None:
    """Return that `server` came in or went out though nothing new was heard of it; None: the quorum tells."""
    cause = server.hold.cause if server.hold else None
    if Cause.QUORUM in (cause, was_held) or not server.is_ready:
        return None
    if cause is not None:
        return outcome(watched, server, "")
    match was_held:
        case Cause.DAMPING:
            return outcome(watched, server, f"its time of flap damping is over: {server.why}")
        case Cause.TIER:
            return outcome(watched, server, "too few servers of the tiers before its own are up")
        case Cause.FLOOR:
            return outcome(watched, server, f"enough others are in again: {server.why}")
        case _:
            return None


def quorum(watched: MonitoredVirtual, up: int, needed: int) -> ServerNotice:
    """Return that the quorum of `watched` is lost or there again."""
    count = f"servers up {up}, needed {needed}"
    if not watched.is_lost:
        return ServerNotice("quorum", watched.virtual.name, f"the quorum is there again: {count}")
    then = "the sorry server answers alone" if watched.policy.has_sorry else "those that are left go on"
    return ServerNotice("quorum-lost", watched.virtual.name, f"the quorum is lost: {count}; {then}")


def degraded(watched: MonitoredVirtual, server: MonitoredServer) -> ServerNotice:
    """Return that the answers of `server` became slow, or quick again."""
    mean_ms = max(check.mean_s or 0.0 for check in server.checks) * 1000
    limit_ms = (watched.weighing.degraded_s or 0.0) * 1000
    said = f"its checks take {mean_ms:.0f} ms in the running mean"
    if not server.is_slow:
        return notice("normal", watched, server, f"{said}, which is well below {limit_ms:.0f} ms again")
    share = watched.weighing.degraded_weight
    then = f"; it keeps {share} % of its weight" if share < 100 else ""
    return notice("degraded", watched, server, f"{said}, more than {limit_ms:.0f} ms{then}")


def administered(watched: MonitoredVirtual, server: MonitoredServer, before: Admin) -> ServerNotice:
    """Return that the administrative state of `server` became another."""
    admin = server.admin
    if admin.state is AdminState.READY:
        return notice("admin", watched, server, f"{before.state} is over: as its checks say again")
    until = f" until {server.server.admin_until}" if admin.until is not None else ""
    reason = f": {admin.reason}" if admin.reason else ""
    return notice("admin", watched, server, f"{admin.state}{until}{reason}")


def why_changed(server: MonitoredServer, check: MonitoredCheck, before: State, result: Result, due: float) -> str:
    """Return why `server` changed when its check `one`, of state `before`, had that result, in words."""
    said = _why(before, check.state, result, due)
    if len(server.checks) == 1:
        return said
    up = sum(other.state.standing is HealthStatus.UP for other in server.checks)
    port = f" of port {check.check.port}" if check.check.port else ""
    return (
        f"{check.check.kind.report_name} check{port}: {said}; of {len(server.checks)} checks {up} are up, "
        f"{server.needed} are needed"
    )


def _why(before: State, after: State, result: Result, due: float) -> str:
    count = before.streak + 1
    if after.standing is HealthStatus.UP and before.standing is HealthStatus.DOWN:
        return f"{count} checks in a row passed in {due - (before.streak_at if before.streak else due):.1f} s"
    if after.standing is HealthStatus.UP:
        return f"first check passed: {result.message}"
    if count == 1:
        return result.message
    return f"{count} checks in a row failed in {due - before.streak_at:.1f} s: {result.message}"
