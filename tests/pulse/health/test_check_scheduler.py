"""Checks on schedule: spread, on time, once for all who want them, and none in the way of another."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from ipaddress import IPv4Address
from itertools import pairwise

from app.lvs.checks.check import Check, Outcome, Result
from app.lvs.model.check_kinds import CheckKind
from app.pulse.health.check_scheduler import CheckScheduler
from tests.pulse.virtual_time import run_virtually

PASSED = Result(Outcome.PASSED, "well", is_reached=True)
FAILED = Result(Outcome.FAILED, "refused", is_reached=True)


def check(number: int, interval_s: int = 10) -> Check:
    address = IPv4Address(0x0A000000 + number)
    return Check(kind=CheckKind.TCP, address=address, port=80, interval_s=interval_s, limit_s=interval_s)


class Record:
    """Runs nothing, at once, and keeps when what was run and told; some checks never end or break."""

    def __init__(self, hanging: set[Check] | None = None, breaking: set[Check] | None = None) -> None:
        self.hanging, self.breaking = hanging or set(), breaking or set()
        self.failing: set[int] = set()
        self.begun: list[tuple[float, Check]] = []
        self.told: list[tuple[float, Check]] = []
        self.undecided: set[Check] = set()
        self.rounds = CheckScheduler(self.run, self.tell, self.undecided.__contains__)

    async def run(self, check: Check) -> Result:
        self.begun.append((asyncio.get_running_loop().time(), check))
        if check in self.hanging:
            await asyncio.sleep(check.limit_s)
        if check in self.breaking:
            self.breaking.discard(check)
            raise RuntimeError("broken")
        return FAILED if len(self.begun) in self.failing else PASSED

    def tell(self, check: Check, result: Result, due: float) -> None:
        self.told.append((due, check))

    def times(self, check: Check) -> list[float]:
        return [at for at, start in self.begun if start == check]

    async def last(self, seconds: float) -> "Record":
        await asyncio.sleep(seconds)
        return self


def test_each_check_runs_soon_and_then_keeps_its_interval() -> None:
    async def story() -> Record:
        record = Record()
        record.rounds.schedule(check(number) for number in range(100))
        await record.last(100)
        await record.rounds.stop()
        return record

    record = run_virtually(story())
    for number in range(100):
        times = record.times(check(number))
        assert times[0] <= 1001.0
        gaps = {round(after - before, 6) for before, after in pairwise(times[1:])}
        assert gaps == {10.0}


def test_starts_are_spread_over_the_interval() -> None:
    async def story() -> Record:
        record = Record()
        record.rounds.schedule(check(number) for number in range(1000))
        await record.last(40)
        await record.rounds.stop()
        return record

    record = run_virtually(story())
    a_second = Counter(int(at) for at, _ in record.begun if 1020 <= at < 1030)
    assert len(a_second) == 10
    assert all(90 <= count <= 110 for count in a_second.values()), a_second


def test_a_hanging_check_delays_no_other_and_keeps_its_own_schedule() -> None:
    hanging = {check(number) for number in range(300)}

    async def story() -> Record:
        record = Record(hanging)
        record.rounds.schedule(check(number) for number in range(1000))
        await record.last(100)
        await record.rounds.stop()
        return record

    record = run_virtually(story())
    assert record.rounds.lateness.worst_ms < 1
    rounds = Counter(start for _, start in record.begun)
    assert len(rounds) == 1000
    assert all(9 <= times <= 11 for times in rounds.values())


def test_equal_checks_are_run_once() -> None:
    async def story() -> Record:
        record = Record()
        record.rounds.schedule([check(1), check(1)])
        await record.last(1)
        await record.rounds.stop()
        return record

    assert len(run_virtually(story()).begun) == 1


def test_a_change_leaves_the_checks_that_go_on_alone() -> None:
    async def story() -> Record:
        record = Record()
        record.rounds.schedule([check(1), check(2)])
        await record.last(33)
        record.rounds.schedule([check(2), check(3)])
        await record.last(33)
        await record.rounds.stop()
        return record

    record = run_virtually(story())
    assert max(record.times(check(1))) < 1033 <= min(record.times(check(3)))
    times = record.times(check(2))
    assert {round(b - a, 6) for a, b in pairwise(times[1:])} == {10.0}


def test_results_are_told_with_the_time_they_were_due() -> None:
    async def story() -> Record:
        record = Record({check(1)})
        record.rounds.schedule([check(1)])
        await record.last(45)
        await record.rounds.stop()
        return record

    record = run_virtually(story())
    due = [at for at, _ in record.told]
    assert due == record.times(check(1))[: len(due)]


def test_whole_intervals_that_were_missed_are_not_made_up_for() -> None:
    async def story() -> Record:
        record = Record()
        slow = replace(check(1, interval_s=1), limit_s=35)
        record.hanging = {slow}
        record.rounds.schedule([slow])
        await record.last(100)
        await record.rounds.stop()
        return record

    times = [at for at, _ in run_virtually(story()).begun]
    assert len(times) == 3


def test_a_schedule_that_breaks_is_begun_anew() -> None:
    async def story() -> Record:
        record = Record(breaking={check(1)})
        record.rounds.schedule([check(1)])
        await record.last(60)
        await record.rounds.stop()
        return record

    assert len(run_virtually(story()).begun) >= 5


def retried(
    failing_check: Check, failing: set[int], is_undecided: bool = True, hangs: bool = False
) -> list[float]:
    """Return when `one` is run, counted from its third run, whose runs of these numbers fail."""

    async def story() -> Record:
        record = Record({failing_check} if hangs else None)
        record.failing = failing
        record.undecided |= {failing_check} if is_undecided else set()
        record.rounds.schedule([failing_check])
        await record.last(100)
        await record.rounds.stop()
        return record

    times = run_virtually(story()).times(failing_check)
    return [round(at - times[2], 6) for at in times[2:9]]


def test_a_failure_that_may_still_decide_is_followed_up_sooner_and_then_the_schedule_goes_on() -> None:
    asked = replace(check(1), retry_s=2)
    assert retried(asked, {3, 4}) == [0, 2, 4, 10, 20, 30, 40]
    assert retried(asked, set(range(3, 9))) == [0, 2, 4, 6, 8, 10, 12]


def test_a_failure_that_decides_nothing_any_more_is_not_followed_up() -> None:
    assert retried(replace(check(1), retry_s=2), {3, 4}, is_undecided=False) == [0, 10, 20, 30, 40, 50, 60]
    assert retried(check(1), {3, 4}) == [0, 10, 20, 30, 40, 50, 60]


def test_a_retry_after_a_check_that_hung_comes_at_once() -> None:
    asked = replace(check(1), retry_s=2, limit_s=7)
    assert retried(asked, {3, 4}, hangs=True) == [0, 7, 14, 21, 30, 40, 50]


def test_a_check_that_needs_no_task_gets_none_and_is_taken_back_with_its_round() -> None:
    waiting: dict[Check, Callable[[Result], None]] = {}
    taken_back: list[Check] = []

    def quick(asked: Check, done: Callable[[Result], None]) -> Callable[[], None] | None:
        if asked == check(1):
            return None
        waiting[asked] = done
        return lambda: taken_back.append(asked)

    async def story() -> Record:
        record = Record()
        record.rounds.quick = quick
        record.rounds.schedule([check(1), check(2)])
        await record.last(1)
        assert record.times(check(2)) == []
        waiting.pop(check(2))(PASSED)
        await record.last(20)
        record.rounds.schedule([check(1)])
        waiting.pop(check(2))(PASSED)
        await record.rounds.stop()
        return record

    record = run_virtually(story())
    assert [result for _, result in record.told].count(check(2)) == 1
    assert len(record.times(check(1))) > 1
    assert taken_back == [check(2)]
