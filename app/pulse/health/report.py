"""The real servers' part of the status report: what is known of each, and why it is where it is."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from app.lvs.checks.check import Check, Outcome
from app.lvs.checks.load_agent import FULL, AgentState
from app.lvs.health.monitored import Monitored, MonitoredCheck, MonitoredServer, MonitoredVirtual
from app.lvs.health.state import HealthStatus
from app.lvs.model.check_kinds import CheckKind
from app.lvs.model.values import AdminState
from app.lvs.reports.status import CheckReport, ServerReport

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
    """`now` is the loop's time, `clock_s` the wall's; `next_due` tells when a check is run next, by the loop's."""

    now: float
    clock_s: float
    next_due: Callable[[Check], float | None]

    def at(self, loop_s: float | None) -> float | None:
        """Return a time of the loop as one of the wall."""
        return None if loop_s is None else self.clock_s - (self.now - loop_s)

    def is_stale(self, check: Check) -> bool:
        """Return whether `check` should have ended long ago, or is not run at all."""
        due = self.next_due(check)
        return due is None or self.now - due > check.limit_s + check.interval_s


def server_reports(virtuals: Mapping[int, MonitoredVirtual], times: Times) -> Iterator[ServerReport]:
    """Yield a report of each server of `virtuals`, which are by their position."""
    for position, watched in virtuals.items():
        for index, server in enumerate(watched.servers):
            if server is not None:
                yield server_report((position, index), watched, server, times)


def verdicts(virtuals: Iterable[MonitoredVirtual], times: Times) -> Iterator[tuple[str, str, str, int, str, bool]]:
    """Yield of each server that is judged what `palometa partner` tells the other router of it."""
    for watched in virtuals:
        for server in watched.servers:
            if server is not None:
                where = (watched.virtual.name, server.server.name, str(server.place[1].address), server.port)
                yield (*where, state_word(server, times), server.is_in)


def held(watched: MonitoredVirtual, server: MonitoredServer, weight: int | None) -> str:
    """Return why `weight`, which it ought to have, is not what checks and configuration alone make it, or why it
    is in or out against them; empty when neither is so."""
    if not server.is_ready:
        return ""
    if server.hold is not None:
        return server.hold.sentence
    if not server.is_in:
        return f"its load agent says {server.stance.value}" if server.state.is_in else ""
    if server.stance is AgentState.DRAIN:
        return "its load agent says drain"
    if weight == server.weight:
        return ""
    because: list[str] = []
    if server.load is not None and server.load.load.percent < FULL:
        because.append(f"load {server.load.load.percent} %")
    if server.is_slow and watched.weighing.degraded_weight < FULL:
        because.append(f"degraded {watched.weighing.degraded_weight} %")
    if server.came_in_at is not None and watched.weighing.slow_start_s:
        because.append("slow start")
    return f"weight {weight} of {server.weight}: {', '.join(because)}"


def server_report(
    path: tuple[int, int], watched: MonitoredVirtual, server: MonitoredServer, times: Times
) -> ServerReport:
    """Return the report of one server, at the place `path` of the configuration."""
    weight = watched.presence.servers[path[1]]
    checks = [_check_report(check, _check_state(check, times), times) for check in server.checks]
    shown = checks[_explaining(server)] if checks else None
    if server.load is not None:
        checks.append(_check_report(server.load, _load_state(server.load, times), times))
    return {
        "position": path[0],
        "index": path[1],
        "virtual": watched.virtual.name,
        "name": server.server.name,
        "address": str(server.place[1].address),
        "port": server.port,
        "state": state_word(server, times),
        "is_in": server.is_in,
        "weight": weight,
        "is_degraded": server.is_slow,
        "held": held(watched, server, weight),
        "admin": _ADMIN_WORDS[server.admin.state],
        "admin_until": server.admin.until,
        "admin_reason": server.admin.reason,
        "since": times.clock_s - (times.now - server.state.since),
        "message": shown["message"] if shown else _UNASKED,
        "duration_ms": shown["duration_ms"] if shown else None,
        "checked_at": shown["checked_at"] if shown else None,
        "next_check_at": shown["next_check_at"] if shown else None,
        "checks": checks,
    }


_UNASKED = "nothing can be asked of it, so it counts as up: set Send and Expect, or a Sending Program"


def state_word(server: MonitoredServer, times: Times) -> Literal["up", "down", "unknown", "unchecked", "stale"]:
    """Return the word for a server; stale when one of its checks is, whatever they last said."""
    if not server.checks:
        return "unchecked"
    if any(times.is_stale(check.check) for check in server.checks):
        return "stale"
    return _WORDS[server.state.standing]


def _explaining(server: MonitoredServer) -> int:
    """Return the index of the first check that stands as the server does, or of the first one."""
    standing = server.state.standing
    return next((at for at, check in enumerate(server.checks) if check.state.standing is standing), 0)


def _check_state(check: MonitoredCheck, times: Times) -> CheckState:
    return "stale" if times.is_stale(check.check) else _WORDS[check.state.standing]


def _load_state(asked: Monitored, times: Times) -> CheckState:
    if times.is_stale(asked.check):
        return "stale"
    if asked.last is None:
        return "unknown"
    return "up" if asked.last.outcome is Outcome.PASSED else "down"


def _check_report(asked: Monitored, state: CheckState, times: Times) -> CheckReport:
    check, last = asked.check, asked.last
    # A ping has no port, and a program the one it is told, if any.
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
