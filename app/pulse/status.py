"""The control verbs ``status``, ``plan`` and ``drift``: what pulse knows, put together from all its parts."""

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app import __version__
from app.lvs.ipvs.ipvsadm import listing
from app.lvs.reports.drift import DriftReport
from app.lvs.reports.status import PulseReport, StatusReport
from app.pulse.addresses.keeper import AddressKeeper
from app.pulse.events.log import EventLog
from app.pulse.health.keeper import HealthKeeper
from app.pulse.pair.keeper import PairKeeper
from app.pulse.process.current_config import CurrentConfig
from app.pulse.process.loop_timing import LoopTiming
from app.pulse.process.owned import OwnedState
from app.pulse.process.problems import SURVIVED, CurrentProblems
from app.pulse.reconciler import Reconciler
from app.pulse.table.drift import drift_report
from app.pulse.table.kernel_report import daemon_reports, timeout_report
from app.pulse.table.kernel_table import KernelTable
from app.pulse.table.report import device_reports, problem_report, requested_positions, service_reports


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """Answers the verbs from the parts of the daemon; changes none of them."""

    current: CurrentConfig
    kernel: KernelTable
    reconciler: Reconciler
    problems: CurrentProblems
    health: HealthKeeper
    addresses: AddressKeeper
    pair: PairKeeper
    events: EventLog
    timing: LoopTiming
    memory: OwnedState
    started_at: float = field(default_factory=time.time)

    async def plan(self, arguments: Mapping[str, Any]) -> list[str]:
        """Answer "plan": what there is to do, as ipvsadm's commands."""
        return [step["command"] for step in (await self.drift(arguments))["steps"]]

    async def drift(self, arguments: Mapping[str, Any]) -> DriftReport:
        """Answer "drift": how the kernel's table differs from the configuration."""
        keeper = self.kernel.keeper
        if keeper is None:
            return {"read_at": 0.0, "is_known": False, "steps": [], "foreign": []}
        self.refresh()
        return drift_report(keeper, self.reconciler.applied_config, keeper.epoch(keeper.read_at))

    async def status(self, arguments: Mapping[str, Any]) -> StatusReport:
        """Answer "status": everything, or with "positions" the services and servers at those alone."""
        keeper = self.kernel.keeper
        only = requested_positions(arguments)
        if only is None:
            self.refresh()
        await self.addresses.interfaces.start()
        table, counters = (keeper.table, keeper.counters) if keeper else ({}, {})
        return {
            **self.pulse(),
            "devices": device_reports(self.addresses.interfaces.devices(), self.memory.addresses),
            "services": list(service_reports(table, counters, self.current.config, only)),
            "ipvsadm": list(listing(table, counters, self.kernel.version)) if keeper and only is None else [],
            "servers": self.health.servers(only),
        }

    def pulse(self) -> PulseReport:
        """Return all that is known, except the table and the machine."""
        keeper = self.kernel.keeper
        ipvs = keeper.ipvs if keeper and not self.problems.sentences else None
        return {
            "version": __version__,
            "pid": os.getpid(),
            "started_at": self.started_at,
            "now": time.time(),
            "kernel": self.kernel.version,
            "lvs_cf": str(self.current.path),
            "applied": self.reconciler.applied,
            "refused": [problem_report(problem) for problem in self.current.refused],
            "trouble": [*self.problems.sentences, *self.health.trouble],
            "repairs": list(self.reconciler.repairs),
            "addresses": self.addresses.reports(),
            "schedulers_missing": sorted(self.reconciler.schedulers_missing),
            "timeouts": timeout_report(ipvs) if ipvs else {},
            "daemons": daemon_reports(ipvs) if ipvs else [],
            "table_seen_at": keeper.epoch(keeper.seen_at) if keeper else 0.0,
            "table_read_at": keeper.epoch(keeper.read_at) if keeper else 0.0,
            "events": self.events.recent(),
            "checks": self.health.checks(),
            "loop": self.timing.report(),
            "pair": self.pair.report(),
        }

    def refresh(self) -> None:
        """Read the whole table, unless that has just been done; a failure is one of the problems."""
        try:
            self.kernel.refresh()
        except SURVIVED as failed:
            self.problems.set(str(failed))
