"""Runs each check repeatedly on its own schedule. Knows nothing of servers and evaluates no result."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass, field
from functools import partial
from heapq import heappop, heappush
from typing import Any

from app.lvs.checks.check import Check, Outcome, Result
from app.pulse.process.loop_timing import Lateness

FIRST_RUNS_PER_S = 500
"""New checks are run soon, but not all at the same moment."""
GRAIN_S = 0.01
"""Checks that are due within this time are started together, the later ones early: at ten thousand a second, one
wake-up serves a hundred of them. It is a hundredth of the shortest interval."""
_GOLDEN = 0.618033988749895
"""The golden ratio: steps of this share of an interval spread any number of starts evenly over it."""

Run = Callable[[Check], Coroutine[Any, Any, Result]]
Report = Callable[[Check, Result, float], None]
Undecided = Callable[[Check], bool]
Cancel = Callable[[], None]
Quick = Callable[[Check, Callable[[Result], None]], Cancel | None]

log = logging.getLogger("pulse")


@dataclass(slots=True)
class _Schedule:
    """When one check is run: `due` is the next or current run, `following` the one after it."""

    check: Check
    due: float
    following: float
    cancel: Cancel | None = None
    is_over: bool = False


def _never(check: Check, done: Callable[[Result], None]) -> None:
    """Never start a check without a task."""


def _cancel(task: asyncio.Task[Result]) -> None:
    task.cancel()


@dataclass(slots=True)
class CheckScheduler:
    """One queue of all checks, ordered by when they are due, and one timer for the first of them.

    A new check is run soon, and then at its own points in time, an interval apart and spread over the interval.
    `report` gets each result with the time the run was due; a run that outlasts its interval delays only itself.
    After a failure `is_undecided` says whether one more failure would decide: then the check is repeated after
    its `retry_s`, and later at its own points in time as before. All times are the loop's, which clock changes do
    not affect. `quick` may start a check without a task; it returns what cancels it, or None where it cannot.
    """

    run: Run
    report: Report
    is_undecided: Undecided = lambda _: False
    quick: Quick = _never
    lateness: Lateness = field(default_factory=Lateness)
    _schedules: dict[Check, _Schedule] = field(default_factory=dict)
    _queue: list[tuple[float, int, _Schedule]] = field(default_factory=list)
    _tasks: set[asyncio.Task[Result]] = field(default_factory=set)
    _alarm: asyncio.TimerHandle | None = None
    # Looking up the running loop is a system call.
    _loop: asyncio.AbstractEventLoop = field(init=False)
    _count: int = 0
    _number: int = 0

    def schedule(self, checks: Iterable[Check]) -> None:
        """Run `checks` from now on; those already being run are not disturbed."""
        self._loop = asyncio.get_running_loop()
        wanted = dict.fromkeys(checks)
        for check in self._schedules.keys() - wanted.keys():
            schedule = self._schedules.pop(check)
            schedule.is_over = True
            if schedule.cancel is not None:
                schedule.cancel()
        for number, check in enumerate(check for check in wanted if check not in self._schedules):
            self._begin(check, number / FIRST_RUNS_PER_S)

    async def stop(self) -> None:
        """Cancel all checks and return when none is running."""
        self.schedule(())
        if self._alarm is not None:
            self._alarm.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def next_due(self, check: Check) -> float | None:
        """Return when `check` is run next, or was due if it is running; None: it is not scheduled."""
        schedule = self._schedules.get(check)
        return schedule.due if schedule is not None else None

    def __len__(self) -> int:
        return len(self._schedules)

    def _begin(self, check: Check, after_s: float) -> None:
        self._count += 1
        now = self._loop.time()
        first = now + min(after_s, check.interval_s)
        # From half an interval to one and a half after the first run: spread, and never two at once.
        second = first + (0.5 + self._count * _GOLDEN % 1) * check.interval_s
        schedule = _Schedule(check, first, second)
        self._schedules[check] = schedule
        self._put(schedule, now)

    def _put(self, schedule: _Schedule, now: float) -> None:
        """Queue `schedule` for its next run; if it outlasted its interval, it is not counted as late."""
        self._number += 1
        heappush(self._queue, (max(schedule.due, now), self._number, schedule))
        self._set_alarm()

    def _set_alarm(self) -> None:
        first = self._queue[0][0]
        if self._alarm is not None:
            if self._alarm.when() <= first:
                return
            self._alarm.cancel()
        self._alarm = self._loop.call_at(first, self._tick)

    def _tick(self) -> None:
        self._alarm = None
        now = self._loop.time()
        queue = self._queue
        while queue and queue[0][0] <= now + GRAIN_S:
            planned, _, schedule = heappop(queue)
            if not schedule.is_over:
                self.lateness.note(now - planned, now)
                self._start(schedule)
        if queue:
            self._set_alarm()

    def _start(self, schedule: _Schedule) -> None:
        cancel = self.quick(schedule.check, partial(self._done, schedule))
        if cancel is None:
            task = self._loop.create_task(self.run(schedule.check))
            self._tasks.add(task)
            task.add_done_callback(partial(self._task_done, schedule))
            cancel = partial(_cancel, task)
        schedule.cancel = cancel

    def _task_done(self, schedule: _Schedule, task: asyncio.Task[Result]) -> None:
        self._tasks.discard(task)
        if task.cancelled() or schedule.is_over:
            return
        if (error := task.exception()) is not None:
            log.error("a check failed unexpectedly and is rescheduled: %r", error)
            self._restart(schedule)
        else:
            self._done(schedule, task.result())

    def _done(self, schedule: _Schedule, result: Result) -> None:
        """Report the result, and queue the check for its next run."""
        if schedule.is_over:
            return
        check = schedule.check
        try:
            self.report(check, result, schedule.due)
            is_retried = (
                check.retry_s is not None and result.outcome is Outcome.FAILED and self.is_undecided(check)
            )
        except Exception:
            # The daemon never dies of one result.
            log.exception("the result of a check could not be evaluated; the check is rescheduled")
            self._restart(schedule)
            return
        if schedule.is_over:
            return
        now = self._loop.time()
        if is_retried and check.retry_s is not None:
            schedule.due = max(schedule.due + check.retry_s, now)
            while schedule.following <= schedule.due:
                schedule.following += check.interval_s
        else:
            missed = max(0.0, now - schedule.following) // check.interval_s
            schedule.due = schedule.following + missed * check.interval_s
            schedule.following = schedule.due + check.interval_s
        self._put(schedule, now)

    def _is_retried(self, check: Check, result: Result) -> bool:
        return check.retry_s is not None and result.outcome is Outcome.FAILED and self.is_undecided(check)

    def _restart(self, schedule: _Schedule) -> None:
        schedule.is_over = True
        self._begin(schedule.check, schedule.check.interval_s)
