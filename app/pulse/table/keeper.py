"""Keeps the kernel's IPVS table in line with the configuration. Decides nothing, probes nothing."""

import asyncio
import errno
import logging
import math
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from app.host.ipvs.step_error import StepFailed
from app.host.ipvs.table import IPVS, Reading, Unread
from app.lvs.ipvs.counters import Counters, Readings, ServiceCounters
from app.lvs.ipvs.diff import diff
from app.lvs.ipvs.ipvsadm import commands
from app.lvs.ipvs.plan import (
    AddService,
    Plan,
    SetService,
    Step,
    closed_first,
)
from app.lvs.ipvs.table import Service, ServiceKey, Table, same_settings
from app.pulse.process.owned import OwnedState
from app.pulse.table.drain import waits_until_answered

AUDITED_AT_ONCE = 100
"""Services whose destinations are read in one audit. The kernel does not notify of changes, and dumps destinations
only service by service, which makes reading expensive: a table of this size is read completely every second; in a
larger one every service is read every second, and the destinations in turn."""
CURRENT_S = 10.0
"""How long a reading says what is there: after that the kernel has refused many in a row, or nobody reads."""
TRIES = 2
"""A plan that did not fit the table is made once more from the next reading."""


@dataclass(frozen=True, slots=True)
class Convergence:
    """What one convergence did: the equivalent commands, and what the kernel refused or lost, in words.

    `repairs` are those of the commands that concern services which were as they should be after the last one.
    `failures` has each service that is known not to be as it should, with what the kernel refused of it;
    `unread` are those that could not be read.
    """

    commands: tuple[str, ...] = ()
    repairs: tuple[str, ...] = ()
    remained: tuple[str, ...] = ()
    failures: Mapping[ServiceKey, Sequence[StepFailed]] = field(default_factory=dict)
    unread: frozenset[ServiceKey] = frozenset()
    schedulers_missing: frozenset[str] = frozenset()


@dataclass(slots=True)
class TableKeeper:
    """The one owner of the kernel's table.

    `table` is the last reading of each service, all of them at the monotonic time `read_at` or later (None:
    never). A service that cannot be read is left as it is, reported, and read again; the others do not wait for
    it. There is no race between two plans: all run on the daemon's loop, and `_busy` keeps a second one from
    starting while the first yields to the loop between two batches.
    """

    ipvs: IPVS
    memory: OwnedState
    wanted: Table = field(default_factory=dict)
    table: dict[ServiceKey, Service] = field(default_factory=dict)
    counters: dict[ServiceKey, ServiceCounters] = field(default_factory=dict)
    read_at: float | None = None
    read_times: dict[ServiceKey, float] = field(default_factory=dict)
    totals: dict[ServiceKey, Counters] = field(default_factory=dict)
    _totals_at: float = -math.inf
    seen_at: float | None = None
    """The monotonic time at which the kernel last answered what it holds."""
    _unaudited: list[ServiceKey] = field(default_factory=list)
    _unread: Unread = field(default_factory=dict)
    _unfinished: frozenset[ServiceKey] | None = None
    """The services that were not as they should be after the last convergence; None: it did not come to an end."""
    _busy: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def converge(self, *, is_gentle: bool = False) -> Convergence:
        """Make the kernel's table equal to `wanted`, and return what that took; raise IPVSFailed.

        `is_gentle`: the servers to be removed are healthy and may finish their requests; not for those that
        failed. The plan is based on the last reading, and only the services it touches are read again, so a
        changed weight costs the same in a table of ten services as in one of ten thousand.
        """
        async with self._busy:
            return await self._converge(is_gentle=is_gentle)

    async def repair(self) -> Convergence:
        """Find what another process has changed, and restore it; raise IPVSFailed."""
        async with self._busy:
            self._audit()
            return await self._converge(is_gentle=False)

    def read_all(self) -> None:
        """Read the whole table and all counters; raise IPVSFailed."""
        if not self._busy.locked():
            heads, totals = self.ipvs.read_heads()
            self._unread = {}
            reading = self.ipvs.read_whole(heads, totals, self._unread)
            self.table, self.counters = {}, {}
            self.read_times.clear()
            self._take(reading)
            self.read_at = self._totals_at = time.monotonic()
            self.totals = {key: counted.totals for key, counted in self.counters.items()}

    def readings(self) -> Readings:
        """Return the last counters of each service, with monotonic times."""
        return Readings(dict(self.totals), self._totals_at, dict(self.counters), dict(self.read_times))

    def refresh(self, keys: Iterable[ServiceKey], older_than_s: float, at_most: int) -> bool:
        """Read those of `keys` whose reading is older than that, the oldest first; return whether there were any.

        Raises IPVSFailed.
        """
        limit = time.monotonic() - older_than_s
        times = self.read_times
        due = sorted((key for key in keys if times.get(key, limit) <= limit), key=lambda key: times.get(key, 0.0))
        if not due or self._busy.locked():
            return False
        self._reread(due[:at_most])
        return True

    def is_known(self, key: ServiceKey) -> bool:
        """Return whether the last reading of that service still says what is there."""
        return (
            key not in self._unread and self.seen_at is not None and time.monotonic() - self.seen_at <= CURRENT_S
        )

    def epoch(self, monotonic_s: float | None) -> float:
        """Return a time of reading in seconds since the epoch; 0: never."""
        return time.time() - (time.monotonic() - monotonic_s) if monotonic_s is not None else 0.0

    def plan(self) -> Plan:
        """Return what is still to be done according to the last reading."""
        table, wanted = self.table, self.wanted
        if self._unread:
            table, wanted = ({key: made[key] for key in made.keys() - self._unread} for made in (table, wanted))
        return diff(table, wanted, self.memory.services)

    async def _converge(self, *, is_gentle: bool) -> Convergence:
        before, self._unfinished = self._unfinished, None
        self.memory.own(self.wanted, ())
        self._reread(tuple(self._unread))
        done: list[Step] = []
        failures: dict[ServiceKey, list[StepFailed]] = {}
        for _ in range(TRIES):
            plan = self.plan()
            if not plan:
                break
            refused = await (self._carry_out_gently(plan) if is_gentle else self._carry_out(plan.steps))
            touched = {step.service_key for step in plan.steps}
            failures = {key: failed for key, failed in failures.items() if key not in touched}
            failures |= _by_service(refused)
            failed_steps = {id(failure.step) for failure in refused}
            done += [step for step in plan.steps if id(step) not in failed_steps]
            self._reread(touched)
            if not refused:
                break
        left = self.plan()
        self._unfinished = frozenset({*self._unread, *(step.service_key for step in left.steps)})
        self.memory.keep_only({*self.wanted, *self.table, *self._unread}, self.memory.addresses)
        as_it_was = [step for step in done if before is not None and step.service_key not in before]
        return Convergence(
            commands=tuple(commands(done)),
            repairs=tuple(commands(as_it_was)),
            remained=tuple(self._remained(left, failures)),
            failures={key: failures.get(key, ()) for key in self._known_unfinished(left, failures)},
            unread=frozenset(self._unread),
            schedulers_missing=frozenset(_missing(failure for failed in failures.values() for failure in failed)),
        )

    async def _carry_out_gently(self, plan: Plan) -> list[StepFailed]:
        """Carry `plan` out, but let servers get no new clients for a moment before they are removed."""
        at_once, leaving = closed_first(plan.steps, self.table)
        failures = await self._carry_out(at_once)
        for wait_s in waits_until_answered(self.ipvs, leaving):
            await asyncio.sleep(wait_s)
        return failures + await self._carry_out(leaving)

    async def _carry_out(self, steps: Sequence[Step]) -> list[StepFailed]:
        failures: list[StepFailed] = []
        for batch in self.ipvs.apply(steps):
            failures.extend(batch.failures)
            await asyncio.sleep(0)
        return failures

    def _audit(self) -> None:
        """Read every service, and the destinations of those that are next in turn or that differ."""
        heads, totals = self.ipvs.read_heads()
        self.totals, self._totals_at = totals, time.monotonic()
        self._forget_services(self.table.keys() - heads.keys())
        if not self._unaudited:
            self._unaudited = list(heads)
        due = {key for key in islice(_drained(self._unaudited), AUDITED_AT_ONCE) if key in heads}
        due.update(key for key, head in heads.items() if key in self._unread or not self._is_known(key, head))
        self._unread = {}
        self._take(self.ipvs.read_whole({key: heads[key] for key in due}, totals, self._unread))
        if len(due) == len(heads):
            self.read_at = time.monotonic()

    def _is_known(self, key: ServiceKey, head: Service) -> bool:
        known = self.table.get(key)
        return known is not None and same_settings(known, head)

    def _reread(self, keys: Collection[ServiceKey]) -> None:
        """Read the services of `keys` again; what is known of one that cannot be read is kept."""
        if not keys:
            return
        unread: Unread = {}
        reading = self.ipvs.read_services(keys, unread)
        self._forget_services(key for key in keys if key not in unread)
        self._take(reading)
        self._unread = {key: why for key, why in self._unread.items() if key not in keys} | unread
        self.read_times.update(dict.fromkeys(unread, time.monotonic()))

    def _take(self, reading: Reading) -> None:
        found, counters = reading
        self.seen_at = time.monotonic()
        for key, service in found.items():
            # A service that is as it should be becomes the wanted object itself, which a plan skips by identity.
            wanted = self.wanted.get(key)
            self.table[key] = wanted if wanted is not None and wanted == service else service
        self.counters.update(counters)
        self.read_times.update(dict.fromkeys(found, time.monotonic()))

    def _forget_services(self, keys: Iterable[ServiceKey]) -> None:
        for key in tuple(keys):
            self.table.pop(key, None)
            self.counters.pop(key, None)
            self.read_times.pop(key, None)

    def _known_unfinished(
        self, left: Plan, failures: Mapping[ServiceKey, Sequence[StepFailed]]
    ) -> set[ServiceKey]:
        """Return what was read and is not as it should be, and what can be neither added nor read."""
        refused = {key for key in self._unread.keys() & failures.keys() if key not in self.table}
        return refused.union(step.service_key for step in left.steps)

    def _remained(self, left: Plan, failures: Mapping[ServiceKey, Sequence[StepFailed]]) -> Iterator[str]:
        """Yield why each service is not as it should be: what the kernel refused, else that it cannot be read."""
        unfinished = {*self._unread, *(step.service_key for step in left.steps)}
        for key, failed in failures.items():
            if key in unfinished:
                yield from (failure.message for failure in failed)
        yield from (why for key, why in self._unread.items() if key not in failures)
        unexplained = [step for step in left.steps if step.service_key not in failures]
        yield from (f"not done: {command}" for command in commands(unexplained))


def _by_service(failures: Iterable[StepFailed]) -> dict[ServiceKey, list[StepFailed]]:
    """Return the failures of each service; of one that could not be added, only that: the rest follows."""
    found: dict[ServiceKey, list[StepFailed]] = {}
    for failure in failures:
        found.setdefault(failure.step.service_key, []).append(failure)
    return {
        key: [failure for failure in failed if isinstance(failure.step, AddService)] or failed
        for key, failed in found.items()
    }


def _drained(waiting: list[ServiceKey]) -> Iterator[ServiceKey]:
    while waiting:
        yield waiting.pop()


def _missing(failures: Iterable[StepFailed]) -> Iterator[str]:
    for failure in failures:
        if failure.errno == errno.ENOENT and isinstance(failure.step, AddService | SetService):
            yield failure.step.service.scheduler


COMMANDS_LOGGED = 200
"""Per change: a start with ten thousand servers must not wait for ten thousand lines."""

log = logging.getLogger("pulse")


def log_commands(commands: Sequence[str]) -> None:
    """Log the changes to the table; of too many, only the number of the rest."""
    for command in commands[:COMMANDS_LOGGED]:
        log.info("%s", command)
    if len(commands) > COMMANDS_LOGGED:
        log.info("and %d more", len(commands) - COMMANDS_LOGGED)
