"""Joins the checks, their judgement and its record: results go in, and who may have clients comes out."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Literal

from app.host.probes.prober import Prober
from app.lvs.check import Check, Result
from app.lvs.config import Config
from app.lvs.health import Standing
from app.lvs.judgement import Event, Judgement, Suspicion
from app.lvs.keywords import effective
from app.lvs.presence import Health
from app.lvs.report import CheckReport, ChecksReport, ServerReport
from app.lvs.table import Table
from app.lvs.watched import WatchedServer
from app.pulse.event_log import EventLog
from app.pulse.rounds import Rounds


class HealthKeeper:
    """The one owner of checks. `changed` is called when the table has to become another."""

    def __init__(self, prober: Prober, changed: Callable[[], None], events: EventLog) -> None:
        self._judgement = Judgement()
        self._rounds = Rounds(prober.run, self._hear)
        self._changed = changed
        self._events = events
        self._heard = asyncio.Event()
        self._seen = 0

    def follow(self, config: Config, table: Table) -> None:
        """Check and judge the servers of `config`; of a new one, believe `table` until its first result."""
        for event in self._judgement.follow(config, table, _now()):
            self._record(event)
        self._rounds.follow(self._judgement.checks)

    @property
    def health(self) -> Health:
        """Who may have clients now; asking takes note that it is known."""
        self._seen = self._judgement.changes
        return self._judgement.health

    @property
    def has_changed(self) -> bool:
        """Whether `health` has become another since it was asked for."""
        return self._judgement.changes != self._seen

    @property
    def trouble(self) -> tuple[str, ...]:
        """What the director has to say of itself."""
        suspicion = self._judgement.suspicion
        return (suspicion.reason,) if suspicion else ()

    async def first_results(self, limit_s: float) -> None:
        """Return when each server has been checked once, or after `limit_s`."""
        with suppress(TimeoutError):
            async with asyncio.timeout(limit_s):
                while self._judgement.pending:
                    self._heard.clear()
                    await self._heard.wait()

    async def stop(self) -> None:
        """End all checks."""
        await self._rounds.stop()

    def servers(self) -> list[ServerReport]:
        """Return what is known of each server that is judged."""
        now, clock = _now(), time.time()
        return [
            self._server_report((position, index), watched.virtual.name, server, now, clock)
            for position, watched in self._judgement.virtuals.items()
            for index, server in enumerate(watched.servers)
            if server is not None
        ]

    def checks(self) -> ChecksReport:
        """Return how the checks themselves do."""
        lateness = self._rounds.lateness
        return {
            "different": len(self._rounds),
            "late_ms": round(lateness.mean_ms, 3),
            "late_ms_worst": round(lateness.worst_ms, 3),
        }

    def _hear(self, check: Check, result: Result, due: float) -> None:
        for event in self._judgement.judge(check, result, due):
            self._record(event)
        self._heard.set()
        if self.has_changed:
            self._changed()

    def _record(self, event: Event) -> None:
        if isinstance(event, Suspicion):
            self._events.record("suspicion" if event.is_on else "trust", event.reason)
            return
        host = f"[{event.address}]" if ":" in event.address else event.address
        self._events.record(
            "up" if event.is_up else "down",
            event.reason,
            virtual=event.virtual,
            server=event.server,
            target=f"{host}:{event.port}",
        )

    def _server_report(
        self, path: tuple[int, int], virtual: str, server: WatchedServer, now: float, clock: float
    ) -> ServerReport:
        due = self._rounds.next_due(server.check) if server.check else None
        last = server.last
        state = _state(server, now, due)
        message = last.message if last else _unasked(server)
        duration_ms = round(last.duration_s * 1000, 1) if last else None
        checked_at = clock - (now - server.last_at) if server.last_at is not None else None
        next_check_at = clock + due - now if due is not None else None
        port = server.check.port if server.check else server.place[1].port
        checks: list[CheckReport] = []
        if server.check is not None and state != "unchecked":
            checks.append(
                {
                    "kind": server.check.kind.value,
                    "target": f"{server.check.address} port {port}",
                    "state": state,
                    "message": message,
                    "duration_ms": duration_ms,
                    "checked_at": checked_at,
                    "next_check_at": next_check_at,
                }
            )
        return {
            "position": path[0],
            "index": path[1],
            "virtual": virtual,
            "name": server.server.name,
            "address": str(server.place[1].address),
            "port": port,
            "state": state,
            "is_in": server.state.is_in,
            "weight": effective(server.server, "weight") if server.state.is_in else None,
            "is_degraded": False,
            "held": "",
            "admin": "ready",
            "admin_until": None,
            "admin_reason": "",
            "since": clock - (now - server.state.since),
            "message": message,
            "duration_ms": duration_ms,
            "checked_at": checked_at,
            "next_check_at": next_check_at,
            "checks": checks,
        }


def _state(
    server: WatchedServer, now: float, due: float | None
) -> Literal["up", "down", "unknown", "unchecked", "stale"]:
    """Return the word for a server; stale when its check should have ended long ago, whatever it last said."""
    if server.check is None:
        return "unchecked"
    if due is None or now - due > server.check.limit_s + server.check.interval_s:
        return "stale"
    match server.state.standing:
        case Standing.UP:
            return "up"
        case Standing.DOWN:
            return "down"
        case Standing.UNKNOWN:
            return "unknown"


def _unasked(server: WatchedServer) -> str:
    if server.check is not None:
        return "not checked yet"
    return "nothing can be asked of it, so it counts as up: set Send and Expect, or a Sending Program"


def _now() -> float:
    return asyncio.get_running_loop().time()
