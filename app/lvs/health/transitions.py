"""The events of health: each thing that happened, with its complete reason in words."""

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
    """A server was brought into or taken out of rotation, with the complete reason."""

    virtual: str
    server: str
    address: str
    port: int
    is_up: bool
    reason: str


@dataclass(frozen=True, slots=True)
class DirectorIsolation:
    """The director appears to be isolated, or no longer does."""

    is_on: bool
    reason: str


@dataclass(frozen=True, slots=True)
class ServerNotice:
    """Something else about a server, or about a virtual server as a whole: then `server` is empty and `port` 0."""

    kind: Literal["degraded", "normal", "quorum-lost", "quorum", "held", "admin", "unasked", "asked"]
    virtual: str
    reason: str
    server: str = ""
    address: str = ""
    port: int = 0


HealthEvent = Transition | DirectorIsolation | ServerNotice


def transition(monitored: MonitoredVirtual, server: MonitoredServer, reason: str) -> Transition:
    """Return the event that `server` is now in or out of rotation."""
    address = str(server.place[1].address)
    return Transition(monitored.virtual.name, server.server.name, address, server.port, server.is_in, reason)


def notice(
    kind: Literal["degraded", "normal", "held", "admin", "unasked", "asked"],
    monitored: MonitoredVirtual,
    server: MonitoredServer,
    reason: str,
) -> ServerNotice:
    """Return a notice about `server`."""
    address = str(server.place[1].address)
    return ServerNotice(kind, monitored.virtual.name, reason, server.server.name, address, server.port)


def outcome(monitored: MonitoredVirtual, server: MonitoredServer, reason: str) -> HealthEvent:
    """Return the event for `server`: it is in, it is out, or a policy holds it against what its checks say."""
    if server.is_in == server.is_healthy:
        return transition(monitored, server, reason)
    sentence = server.hold.sentence if server.hold else ""
    return notice("held", monitored, server, "; ".join(part for part in (reason, sentence) if part))


def moved(monitored: MonitoredVirtual, server: MonitoredServer, was_held: Cause | None) -> HealthEvent | None:
    """Return the event for a server that moved without a new result; None: the event of the quorum covers it."""
    cause = server.hold.cause if server.hold else None
    if Cause.QUORUM in (cause, was_held) or not server.is_ready:
        return None
    if cause is not None:
        return outcome(monitored, server, "")
    match was_held:
        case Cause.DAMPING:
            return outcome(monitored, server, f"flap damping has ended: {server.why}")
        case Cause.TIER:
            return outcome(monitored, server, "too few servers of the preceding tiers are up")
        case Cause.FLOOR:
            return outcome(monitored, server, f"enough other servers are in rotation again: {server.why}")
        case _:
            return None


def quorum(monitored: MonitoredVirtual, up: int, needed: int) -> ServerNotice:
    """Return the event that the quorum of `monitored` is lost or restored."""
    count = f"servers up {up}, needed {needed}"
    if not monitored.is_lost:
        return ServerNotice("quorum", monitored.virtual.name, f"the quorum is restored: {count}")
    then = "only the sorry server answers" if monitored.policy.has_sorry else "the remaining servers continue"
    return ServerNotice("quorum-lost", monitored.virtual.name, f"the quorum is lost: {count}; {then}")


def degraded(monitored: MonitoredVirtual, server: MonitoredServer) -> ServerNotice:
    """Return the event that `server` responds slowly, or normally again."""
    mean_ms = max(check.mean_s or 0.0 for check in server.checks) * 1000
    limit_ms = (monitored.weighing.degraded_s or 0.0) * 1000
    reason = f"its checks take {mean_ms:.0f} ms on average"
    if not server.is_slow:
        return notice("normal", monitored, server, f"{reason}, well below the limit of {limit_ms:.0f} ms again")
    share = monitored.weighing.degraded_weight
    then = f"; its weight is reduced to {share} %" if share < 100 else ""
    return notice("degraded", monitored, server, f"{reason}, above the limit of {limit_ms:.0f} ms{then}")


def unasked(monitored: MonitoredVirtual, server: MonitoredServer, why: str) -> ServerNotice:
    """Return the event that `server` can no longer be checked, for the reason `why`, or can be again."""
    if not server.is_unasked:
        return notice("asked", monitored, server, f"it is checked again: {why}")
    stays = "in rotation" if server.is_in else "out of rotation"
    return notice("unasked", monitored, server, f"it can no longer be checked and stays {stays}: {why}")


def administered(monitored: MonitoredVirtual, server: MonitoredServer, before: Admin) -> ServerNotice:
    """Return the event that the administrative state of `server` changed."""
    admin = server.admin
    if admin.state is AdminState.READY:
        return notice("admin", monitored, server, f"{before.state} has ended: its checks decide again")
    until = f" until {server.server.admin_until}" if admin.until is not None else ""
    reason = f": {admin.reason}" if admin.reason else ""
    return notice("admin", monitored, server, f"{admin.state}{until}{reason}")


def why_changed(server: MonitoredServer, check: MonitoredCheck, before: State, result: Result, due: float) -> str:
    """Return in words why `server` changed when its check, of state `before`, had that result."""
    reason = _why(before, check.state, result, due)
    if len(server.checks) == 1:
        return reason
    up = sum(other.state.standing is HealthStatus.UP for other in server.checks)
    port = f" of port {check.check.port}" if check.check.port else ""
    return (
        f"{check.check.kind.report_name} check{port}: {reason}; of {len(server.checks)} checks {up} are up, "
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
