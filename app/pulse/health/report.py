"""The real servers' part of the status report: the state of each, and the reason."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from app.lvs.checks.check import Check, Outcome
from app.lvs.checks.load_agent import FULL, AgentState
from app.lvs.health.monitored import Monitored, MonitoredCheck, MonitoredServer, MonitoredVirtual
from app.lvs.health.state import HealthStatus
from app.lvs.model.check_kinds import CheckKind
from app.lvs.model.values import AdminState
from app.lvs.reports.status import CheckReport, ServerReport

if TYPE_CHECKING:
    from app.lvs.reports.partner import VerdictRow

CheckState = Literal["up", "down", "unknown", "stale"]

_WORDS: dict[HealthStatus, Literal["up", "down", "unknown"]] = {
    HealthStatus.UP: "up",
    HealthStatus.DOWN: "down",
    HealthStatus.UNKNOWN: "unknown",
}
_ADMIN_WORDS: dict[AdminState, Literal["ready", "drain", "maintenance"]] = {
    AdminState.READY: "ready",
    AdminState.DRAIN: "drain",
    AdminState.MAINTENANCE: "maintenance",
}


@dataclass(frozen=True, slots=True)
class Times:
    """`now` is the loop's time, `clock_s` the wall clock's; `next_due` is the loop time of a check's next run."""

    now: float
    clock_s: float
    next_due: Callable[[Check], float | None]

    def at(self, loop_s: float | None) -> float | None:
        """Convert a loop time to wall clock time."""
        return None if loop_s is None else self.clock_s - (self.now - loop_s)

    def is_stale(self, check: Check) -> bool:
        """Return whether `check` is overdue, or not run at all."""
        due = self.next_due(check)
        return due is None or self.now - due > check.limit_s + check.interval_s


def server_reports(virtuals: Mapping[int, MonitoredVirtual], times: Times) -> Iterator[ServerReport]:
    """Yield a report for each server of `virtuals`, which are keyed by their position."""
    for position, monitored in virtuals.items():
        for index, server in enumerate(monitored.servers):
            if server is not None:
                yield server_report((position, index), monitored, server, times)


def verdicts(virtuals: Iterable[MonitoredVirtual], times: Times) -> "Iterator[VerdictRow]":
    """Yield for each monitored server what `palometa partner` sends to the other router."""
    for monitored in virtuals:
        for server in monitored.servers:
            if server is not None:
                where = (monitored.virtual.name, server.server.name, str(server.place[1].address), server.port)
                yield (*where, state_word(server, times), server.is_in)


def held(monitored: MonitoredVirtual, server: MonitoredServer, weight: int | None) -> str:
    """Return why its `weight`, or being in or out, differs from checks and configuration; empty: it does not."""
    if not server.is_ready:
        return ""
    if server.hold is not None:
        return server.hold.sentence
    if not server.is_in:
        return f"its load agent reports {server.stance.value}" if server.state.is_in else ""
    if server.stance is AgentState.DRAIN:
        return "its load agent reports drain"
    if weight == server.weight:
        return ""
    reasons: list[str] = []
    if server.load is not None and server.load.load.percent < FULL:
        reasons.append(f"load {server.load.load.percent} %")
    if server.is_slow and monitored.weighing.degraded_weight < FULL:
        reasons.append(f"degraded {monitored.weighing.degraded_weight} %")
    if server.came_in_at is not None and monitored.weighing.slow_start_s:
        reasons.append("slow start")
    return f"weight {weight} of {server.weight}: {', '.join(reasons)}"


def server_report(
    path: tuple[int, int], monitored: MonitoredVirtual, server: MonitoredServer, times: Times
) -> ServerReport:
    """Return the report of one server; `path` is its position in the configuration."""
    weight = monitored.presence.servers[path[1]]
    checks = [_check_report(check, _check_state(check, times), times) for check in server.checks]
    explaining = checks[_explaining(server, times)] if checks else None
    if server.load is not None:
        checks.append(_check_report(server.load, _load_state(server.load, times), times))
    return {
        "position": path[0],
        "index": path[1],
        "virtual": monitored.virtual.name,
        "name": server.server.name,
        "address": str(server.place[1].address),
        "port": server.port,
        "state": state_word(server, times),
        "is_in": server.is_in,
        "weight": weight,
        "is_degraded": server.is_slow,
        "held": held(monitored, server, weight),
        "admin": _ADMIN_WORDS[server.admin.state],
        "admin_until": server.admin.until,
        "admin_reason": server.admin.reason,
        "since": times.clock_s - (times.now - server.state.since),
        "message": explaining["message"] if explaining else _why_unchecked(monitored),
        "duration_ms": explaining["duration_ms"] if explaining else None,
        "checked_at": explaining["checked_at"] if explaining else None,
        "next_check_at": explaining["next_check_at"] if explaining else None,
        "checks": checks,
    }


def _why_unchecked(monitored: MonitoredVirtual) -> str:
    if monitored.virtual.check is CheckKind.NONE:
        return "it is not checked, so it counts as up: check = none"
    return "it cannot be checked, so it counts as up: set Send and Expect, or a Sending Program"


def state_word(server: MonitoredServer, times: Times) -> Literal["up", "down", "unknown", "unchecked", "stale"]:
    """Return the word for a server's state; stale when one of its checks is, whatever the last results were."""
    if not server.checks:
        return "unchecked"
    if any(_is_stale(check, times) for check in server.checks):
        return "stale"
    return _WORDS[server.state.standing]


def _is_stale(asked: Monitored, times: Times) -> bool:
    return times.is_stale(asked.check) or asked.is_unasked(times.now)


def _explaining(server: MonitoredServer, times: Times) -> int:
    """Return the index of the first check that is stale, or else in the same state as the server; or 0."""
    for at, check in enumerate(server.checks):
        if _is_stale(check, times):
            return at
    standing = server.state.standing
    return next((at for at, check in enumerate(server.checks) if check.state.standing is standing), 0)


def _check_state(check: MonitoredCheck, times: Times) -> CheckState:
    return "stale" if _is_stale(check, times) else _WORDS[check.state.standing]


def _load_state(asked: Monitored, times: Times) -> CheckState:
    if _is_stale(asked, times):
        return "stale"
    if asked.last is None:
        return "unknown"
    return "up" if asked.last.outcome is Outcome.PASSED else "down"


def _check_report(asked: Monitored, state: CheckState, times: Times) -> CheckReport:
    check, last = asked.check, asked.last
    # A ping has no port, and a program only the one it is given, if any.
    port = f" port {check.port}" if check.port and check.kind is not CheckKind.PING else ""
    return {
        "kind": check.kind.report_name,
        "target": f"{check.address}{port}",
        "state": state,
        "message": last.message if last else "not checked yet",
        "duration_ms": round(last.duration_s * 1000, 1) if last else None,
        "checked_at": times.at(asked.last_at),
        "next_check_at": times.at(times.next_due(check)),
    }
