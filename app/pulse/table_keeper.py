"""Keeps the kernel's IPVS table equal to what the configuration wants. Decides nothing, probes nothing."""

import asyncio
import errno
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from app.host.ipvs import IPVS
from app.host.step_failure import StepFailed
from app.lvs.counters import CounterTable
from app.lvs.difference import diff
from app.lvs.ipvsadm import commands
from app.lvs.plan import AddService, Plan, SetService
from app.lvs.table import Table
from app.pulse.memory import Memory


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one convergence did: the commands it amounts to, and what the kernel refused or lost, in words."""

    commands: tuple[str, ...] = ()
    remained: tuple[str, ...] = ()
    schedulers_missing: frozenset[str] = frozenset()


@dataclass(slots=True)
class TableKeeper:
    """The one owner of the kernel's table.

    There is no race between two plans: all run on the daemon's loop, and `_busy` keeps a second from starting
    while the first lets the loop go on between two batches.
    """

    ipvs: IPVS
    memory: Memory
    wanted: Table = field(default_factory=dict)
    table: Table = field(default_factory=dict)
    counters: CounterTable = field(default_factory=dict)
    _busy: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def converge(self) -> Outcome:
        """Make the kernel's table equal to `wanted`, and return what that took; raise IPVSFailed."""
        async with self._busy:
            self._read()
            self.memory.own(self.wanted, ())
            plan = self.plan()
            if not plan:
                self._forget()
                return Outcome()
            failures: list[StepFailed] = []
            for batch in self.ipvs.apply(plan.steps):
                failures.extend(batch.failures)
                await asyncio.sleep(0)
            self._read()
            self._forget()
            return Outcome(
                commands=tuple(commands(plan.steps)),
                remained=tuple(self._remained([failure.message for failure in failures])),
                schedulers_missing=frozenset(_missing(failures)),
            )

    def look(self) -> None:
        """Read the table and the counters anew; raise IPVSFailed."""
        if not self._busy.locked():
            self._read()

    def plan(self) -> Plan:
        """Return what is still to do, going by the last reading."""
        return diff(self.table, self.wanted, self.memory.services)

    def _read(self) -> None:
        found, self.counters = self.ipvs.read()
        # A service that is as it should be becomes the wanted object itself, so that a plan passes it by identity.
        for key, service in self.wanted.items():
            if found.get(key) == service:
                found[key] = service
        self.table = found

    def _forget(self) -> None:
        self.memory.keep_only({*self.wanted, *self.table}, self.memory.addresses)

    def _remained(self, refused: list[str]) -> list[str]:
        left = self.plan()
        if not left:
            return []
        return refused or [f"not done: {command}" for command in commands(left.steps)]


def _missing(failures: Iterable[StepFailed]) -> Iterator[str]:
    for failure in failures:
        if failure.errno == errno.ENOENT and isinstance(failure.step, AddService | SetService):
            yield failure.step.service.scheduler
