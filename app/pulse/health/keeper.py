"""Joins the checks, their judgement and its record: results go in, and who may have clients comes out."""

import asyncio
import time
from collections.abc import Callable, Collection
from contextlib import suppress

from app.host.probes.prober import Prober
from app.lvs.checks.check import Check, Result
from app.lvs.desired.table import Health
from app.lvs.health.judge import HealthJudge
from app.lvs.health.monitored import MonitoredVirtual
from app.lvs.health.transitions import DirectorIsolation, HealthEvent, Transition
from app.lvs.ipvs.table import Table
from app.lvs.model.config import Config, VirtualServer
from app.lvs.reports.status import ChecksReport, ServerReport
from app.pulse.events.log import EventLog
from app.pulse.health.report import Times, server_report, server_reports, verdicts
from app.pulse.health.scheduler import CheckScheduler


class HealthKeeper:
    """The one owner of checks. `changed` is called when the table has to become another."""

    def __init__(self, prober: Prober, changed: Callable[[], None], events: EventLog) -> None:
        self._prober = prober
        self._judgement = HealthJudge()
        self._rounds = CheckScheduler(prober.run, self._on_result, self._judgement.is_undecided, prober.start)
        self._changed = changed
        self._events = events
        self._heard = asyncio.Event()
        self._seen = 0

    def apply_config(self, config: Config, table: Table) -> None:
        """Check and judge the servers of `config`; of a new one, believe `table` until its first result."""
        for event in self._judgement.apply_config(config, table, _now(), time.time()):
            self._record(event)
        self._rounds.schedule(self._judgement.checks)

    def tick(self) -> None:
        """Let happen what time alone brings about."""
        for event in self._judgement.tick(_now(), time.time()):
            self._record(event)

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
        self._prober.close()

    def servers(self, only: Collection[int] | None = None) -> list[ServerReport]:
        """Return what is known of each server that is judged; `only` of the virtual servers at those positions."""
        virtuals = self._judgement.virtuals
        chosen = virtuals if only is None else {at: virtuals[at] for at in only if at in virtuals}
        return list(server_reports(chosen, self.times()))

    def times(self) -> Times:
        """Return the time by both clocks, and when checks are due."""
        return Times(_now(), time.time(), self._rounds.next_due)

    def watched(self, position: int, virtual: VirtualServer) -> MonitoredVirtual | None:
        """Return `virtual`, which is at `position`, as it is judged; None: it is not.

        While a configuration is being applied its servers are judged already, and those of before still shown.
        """
        watched = self._judgement.virtuals.get(position)
        is_same = watched is not None and (watched.virtual is virtual or watched.virtual == virtual)
        return watched if is_same else None

    def report(self, position: int, index: int, virtual: VirtualServer) -> ServerReport | None:
        """Return what is known of one server of `virtual`; None: it is not judged."""
        watched = self.watched(position, virtual)
        server = watched.servers[index] if watched is not None else None
        return server_report((position, index), watched, server, self.times()) if watched and server else None

    def verdicts(self) -> list[tuple[str, str, str, int, str, bool]]:
        """Return in short what the checks say of each server."""
        return list(verdicts(self._judgement.virtuals.values(), self.times()))

    def checks(self) -> ChecksReport:
        """Return how the checks themselves do."""
        lateness = self._rounds.lateness
        return {
            "different": len(self._rounds),
            "per_s": round(lateness.per_s(_now()), 1),
            "late_ms": round(lateness.mean_ms, 3),
            "late_ms_worst": round(lateness.worst_ms, 3),
        }

    def _on_result(self, check: Check, result: Result, due: float) -> None:
        for event in self._judgement.judge(check, result, due, _now()):
            self._record(event)
        self._heard.set()
        if self.has_changed:
            self._changed()

    def _record(self, event: HealthEvent) -> None:
        if isinstance(event, DirectorIsolation):
            self._events.record("suspicion" if event.is_on else "trust", event.reason)
            return
        kind = ("up" if event.is_up else "down") if isinstance(event, Transition) else event.kind
        host = f"[{event.address}]" if ":" in event.address else event.address
        self._events.record(
            kind,
            event.reason,
            virtual=event.virtual,
            server=event.server,
            target=f"{host}:{event.port}" if event.server else "",
        )


def _now() -> float:
    return asyncio.get_running_loop().time()
