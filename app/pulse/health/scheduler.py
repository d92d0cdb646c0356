"""Runs checks again and again, each on its own schedule. Knows nothing of servers and judges no result."""

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
"""New checks are run soon, but not all in one moment."""
GRAIN_S = 0.01
"""Checks that are due within this time are started together, the later ones early: at ten thousand a second one
look at the clock and one sleep serve a hundred of them. It is a hundredth of the shortest interval."""
_GOLDEN = 0.618033988749895
"""Steps of this share of an interval spread any number of starts evenly over it."""

Run = Callable[[Check], Coroutine[Any, Any, Result]]
Tell = Callable[[Check, Result, float], None]
Undecided = Callable[[Check], bool]
TakeBack = Callable[[], None]
Quick = Callable[[Check, Callable[[Result], None]], TakeBack | None]

log = logging.getLogger("pulse")


@dataclass(slots=True)
class _Schedule:
    """When one check is run: `due` is the run to come or under way, `following` the one after it."""

    check: Check
    due: float
    following: float
    take_back: TakeBack | None = None
    is_over: bool = False


def _never(check: Check, done: Callable[[Result], None]) -> None:
    """Start no check without a task."""


def _cancel(task: asyncio.Task[Result]) -> None:
    task.cancel()


@dataclass(slots=True)
class CheckScheduler:
    """One queue of all checks, by the time each is due, and one alarm for the first of them.

    A check is run soon after it is new, and then at its own points of time, an interval apart and spread over
    it. `tell` gets each result with the time the run was due; a run that outlasts its interval delays itself
    only. After a failure `is_undecided` is asked whether another may follow from it: such a check is run again
    after its `retry_s`, and then at its own points of time as before. All times are the loop's, which no clock
    change moves. `quick` may start a check without a task; it returns what takes it back, None where it cannot.
    """

    run: Run
    tell: Tell
    is_undecided: Undecided = lambda _: False
    quick: Quick = _never
    lateness: Lateness = field(default_factory=Lateness)
    _schedules: dict[Check, _Schedule] = field(default_factory=dict)
    _queue: list[tuple[float, int, _Schedule]] = field(default_factory=list)
    _tasks: set[asyncio.Task[Result]] = field(default_factory=set)
    _alarm: asyncio.TimerHandle | None = None
    # Asking asyncio for the running loop is a system call.
    _loop: asyncio.AbstractEventLoop = field(init=False)
    _count: int = 0
    _number: int = 0

    def schedule(self, checks: Iterable[Check]) -> None:
        """Run `checks` from now on; those that go on are not disturbed."""
        self._loop = asyncio.get_running_loop()
        wanted = dict.fromkeys(checks)
        for check in self._schedules.keys() - wanted.keys():
            schedule = self._schedules.pop(check)
            schedule.is_over = True
            if schedule.take_back is not None:
                schedule.take_back()
        for number, check in enumerate(check for check in wanted if check not in self._schedules):
            self._begin(check, number / FIRST_RUNS_PER_S)

    async def stop(self) -> None:
        """End all checks and return when none is left."""
        self.schedule(())
        if self._alarm is not None:
            self._alarm.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def next_due(self, check: Check) -> float | None:
        """Return when `check` is run next, or was due if it is running; None when it is not run any more."""
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
        """Let `schedule` wait for its run; one that outlasted its interval is late by its own doing."""
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
        take_back = self.quick(schedule.check, partial(self._done, schedule))
        if take_back is None:
            task = self._loop.create_task(self.run(schedule.check))
            self._tasks.add(task)
            task.add_done_callback(partial(self._task_done, schedule))
            take_back = partial(_cancel, task)
        schedule.take_back = take_back

    def _task_done(self, schedule: _Schedule, task: asyncio.Task[Result]) -> None:
        self._tasks.discard(task)
        if task.cancelled() or schedule.is_over:
            return
        if (error := task.exception()) is not None:
            log.error("the schedule of a check broke and is begun anew: %r", error)
            self._begin_anew(schedule)
        else:
            self._done(schedule, task.result())

    def _done(self, schedule: _Schedule, result: Result) -> None:
        """Tell the result, and let the check wait for its next run."""
        if schedule.is_over:
            return
        check = schedule.check
        try:
            self.tell(check, result, schedule.due)
            hurries = check.retry_s is not None and result.outcome is Outcome.FAILED and self.is_undecided(check)
        except Exception:
            # The daemon never dies of one result.
            log.exception("a result broke the schedule of its check, which is begun anew")
            self._begin_anew(schedule)
            return
        if schedule.is_over:
            return
        now = self._loop.time()
        if hurries and check.retry_s is not None:
            schedule.due = max(schedule.due + check.retry_s, now)
            while schedule.following <= schedule.due:
                schedule.following += check.interval_s
        else:
            missed = max(0.0, now - schedule.following) // check.interval_s
            schedule.due = schedule.following + missed * check.interval_s
            schedule.following = schedule.due + check.interval_s
        self._put(schedule, now)

    def _begin_anew(self, schedule: _Schedule) -> None:
        schedule.is_over = True
        self._begin(schedule.check, schedule.check.interval_s)
