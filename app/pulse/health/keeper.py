"""Joins the scheduler, the judge and the event log: results go in, the servers in rotation come out."""

import asyncio
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from typing import TYPE_CHECKING

from app.host.probes.prober import Prober
from app.lvs.checks.check import Check, Result
from app.lvs.checks.origin import CheckOrigin
from app.lvs.desired.table import Health
from app.lvs.health.judge import HealthJudge
from app.lvs.health.monitored import MonitoredVirtual
from app.lvs.health.transitions import DirectorIsolation, HealthEvent, Transition
from app.lvs.ipvs.service_names import host_port
from app.lvs.ipvs.table import Table
from app.lvs.model.config import Config, VirtualServer
from app.lvs.reports.status import ChecksReport, ServerReport
from app.pulse.events.log import EventLog
from app.pulse.health.check_scheduler import CheckScheduler
from app.pulse.health.report import Times, server_report, server_reports, verdicts

if TYPE_CHECKING:
    from app.lvs.reports.partner import VerdictRow


class HealthKeeper:
    """The one owner of the checks. `changed` is called when the kernel's table has to follow."""

    def __init__(self, prober: Prober, changed: Callable[[], None], events: EventLog) -> None:
        self._prober = prober
        self._judge = HealthJudge()
        self._scheduler = CheckScheduler(prober.run, self._on_result, self._judge.is_undecided, prober.start)
        self._changed = changed
        self._events = events
        self._heard = asyncio.Event()
        self._seen = 0

    def apply_config(self, config: Config, table: Table) -> None:
        """Check the servers of `config`; a new one is in rotation as in `table` until its first result."""
        self._prober.origin = CheckOrigin(config)
        for event in self._judge.apply_config(config, table, _now(), time.time()):
            self._record(event)
        self._scheduler.schedule(self._judge.checks)

    def tick(self) -> None:
        """Apply what has become due without a result."""
        for event in self._judge.tick(_now(), time.time()):
            self._record(event)

    @property
    def health(self) -> Health:
        """The servers in rotation now; reading it resets `has_changed`."""
        self._seen = self._judge.changes
        return self._judge.health

    @property
    def has_changed(self) -> bool:
        """Whether `health` has changed since it was read."""
        return self._judge.changes != self._seen

    @property
    def trouble(self) -> tuple[str, ...]:
        """The problems of the director itself."""
        isolation = self._judge.isolation
        return (isolation.reason,) if isolation else ()

    async def first_results(self, limit_s: float) -> None:
        """Return when each server has been checked once, or after `limit_s`."""
        with suppress(TimeoutError):
            async with asyncio.timeout(limit_s):
                while self._judge.pending:
                    self._heard.clear()
                    await self._heard.wait()

    async def stop(self) -> None:
        """End all checks."""
        await self._scheduler.stop()
        self._prober.close()

    def servers(self, only: Collection[int] | None = None) -> list[ServerReport]:
        """Return the report of each monitored server; `only` of the virtual servers at those positions."""
        virtuals = self._judge.virtuals
        selected = virtuals if only is None else {at: virtuals[at] for at in only if at in virtuals}
        return list(server_reports(selected, self.times()))

    def times(self) -> Times:
        """Return the time by both clocks, and when the checks are due."""
        return Times(_now(), time.time(), self._scheduler.next_due)

    def monitored(self, position: int, virtual: VirtualServer) -> MonitoredVirtual | None:
        """Return `virtual`, which is at `position`, as it is monitored; None: it is not.

        While a configuration is being applied, its servers are monitored and the previous ones still shown.
        """
        monitored = self._judge.virtuals.get(position)
        is_same = monitored is not None and (monitored.virtual is virtual or monitored.virtual == virtual)
        return monitored if is_same else None

    def report(self, position: int, index: int, virtual: VirtualServer) -> ServerReport | None:
        """Return the report of one server of `virtual`; None: it is not monitored."""
        monitored = self.monitored(position, virtual)
        server = monitored.servers[index] if monitored is not None else None
        return server_report((position, index), monitored, server, self.times()) if monitored and server else None

    def verdicts(self) -> "list[VerdictRow]":
        """Return in short the state of each server, for the partner."""
        return list(verdicts(self._judge.virtuals.values(), self.times()))

    def checks(self) -> ChecksReport:
        """Return how many checks are run, how often and how late."""
        lateness = self._scheduler.lateness
        return {
            "different": len(self._scheduler),
            "per_s": round(lateness.per_s(_now()), 1),
            "late_ms": round(lateness.mean_ms, 3),
            "late_ms_worst": round(lateness.worst_ms, 3),
        }

    def _on_result(self, check: Check, result: Result, due: float) -> None:
        for event in self._judge.judge(check, result, due, _now()):
            self._record(event)
        self._heard.set()
        if self.has_changed:
            self._changed()

    def _record(self, event: HealthEvent) -> None:
        if isinstance(event, DirectorIsolation):
            self._events.record("suspicion" if event.is_on else "trust", event.reason)
            return
        kind = ("up" if event.is_up else "down") if isinstance(event, Transition) else event.kind
        self._events.record(
            kind,
            event.reason,
            virtual=event.virtual,
            server=event.server,
            target=host_port(event.address, event.port) if event.server else "",
        )


def _now() -> float:
    return asyncio.get_running_loop().time()
