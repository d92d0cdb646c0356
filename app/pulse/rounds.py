"""Runs checks again and again, each on its own schedule. Knows nothing of servers and judges no result."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field

from app.lvs.check import Check, Result
from app.pulse.lateness import Lateness

FIRST_RUNS_PER_S = 500
"""New checks are run soon, but not all in one moment."""
_GOLDEN = 0.618033988749895
"""Steps of this share of an interval spread any number of starts evenly over it."""

Run = Callable[[Check], Awaitable[Result]]
Tell = Callable[[Check, Result, float], None]

log = logging.getLogger("pulse")


@dataclass(slots=True)
class Rounds:
    """One task, mostly asleep, for each different check.

    A check is run soon after it is new, and then at its own points of time, an interval apart and spread over
    it. `tell` gets each result with the time the run was due; a run that outlasts its interval delays itself
    only. All times are the loop's, which no clock change moves.
    """

    run: Run
    tell: Tell
    lateness: Lateness = field(default_factory=Lateness)
    _tasks: dict[Check, asyncio.Task[None]] = field(default_factory=dict)
    _next_due: dict[Check, float] = field(default_factory=dict)
    _count: int = 0

    def follow(self, checks: Iterable[Check]) -> None:
        """Run `checks` from now on; those that go on are not disturbed."""
        wanted = dict.fromkeys(checks)
        for check in self._tasks.keys() - wanted.keys():
            self._tasks.pop(check).cancel()
            self._next_due.pop(check, None)
        for number, check in enumerate(check for check in wanted if check not in self._tasks):
            self._begin(check, number / FIRST_RUNS_PER_S)

    async def stop(self) -> None:
        """End all checks and return when none is left."""
        tasks = list(self._tasks.values())
        self.follow(())
        await asyncio.gather(*tasks, return_exceptions=True)

    def next_due(self, check: Check) -> float | None:
        """Return when `check` is run next, or was due if it is running; None when it is not run any more."""
        return self._next_due.get(check)

    def __len__(self) -> int:
        return len(self._tasks)

    def _begin(self, check: Check, after_s: float) -> None:
        self._count += 1
        loop = asyncio.get_running_loop()
        first = loop.time() + min(after_s, check.interval_s)
        # From half an interval to one and a half after the first run: spread, and never two at once.
        second = first + (0.5 + self._count * _GOLDEN % 1) * check.interval_s
        self._next_due[check] = first
        task = loop.create_task(self._repeat(check, first, second))
        task.add_done_callback(lambda done: self._ended(check, done))
        self._tasks[check] = task

    async def _repeat(self, check: Check, due: float, following: float) -> None:
        """Run `check` at `due`, then at `following` and each interval after it."""
        loop = asyncio.get_running_loop()
        while True:
            # One that outlasted its interval is late by its own doing.
            planned = max(due, loop.time())
            await asyncio.sleep(planned - loop.time())
            self.lateness.note(loop.time() - planned)
            result = await self.run(check)
            self.tell(check, result, due)
            missed = max(0.0, loop.time() - following) // check.interval_s
            due = following + missed * check.interval_s
            following = due + check.interval_s
            self._next_due[check] = due

    def _ended(self, check: Check, task: asyncio.Task[None]) -> None:
        """Notice a schedule that broke: it is begun anew, and said."""
        if task.cancelled() or self._tasks.get(check) is not task:
            return
        log.error("the schedule of a check broke and is begun anew: %r", task.exception())
        self._begin(check, check.interval_s)
