"""What `make bench-pair` writes about its results."""

from dataclasses import replace

import pytest

from bench.pair.faults import FAULTS, KILLED, SWITCH
from bench.pair.page import page
from bench.pair.promises import evaluate
from bench.pair.trial import Trial, strays

KEPT = [
    Trial(
        fault=fault.name,
        contender="Palometa",
        is_right=True,
        took_s=0.25,
        two_s=7.5 if fault.is_unknowable else 2.0,
        two_lasted=fault.is_unknowable,
        two_after_s=0.1,
        asked=50,
        slowest_s=1.0,
        failed=(0.1,),
        stray=0,
        kept=True,
    )
    for fault in FAULTS
]
FIRST = {fault: [trial.fault for trial in KEPT].index(fault) for fault in (SWITCH, KILLED[0])}


@pytest.mark.parametrize(
    ("failed", "count"),
    [
        ((), 0),
        ((-0.4, 0.0, 0.3, 0.8), 0),
        ((-0.6,), 1),
        ((0.9,), 1),
        # Healed after 5 s, and moved back until 6 s.
        ((4.6, 6.4), 0),
        ((3.0, 4.4, 6.6), 3),
    ],
)
def test_a_failed_request_belongs_to_a_take_over_only_during_one(failed: tuple[float, ...], count: int) -> None:
    assert strays(failed, moves=[0.2, 0.3, 5.5, 6.0], healed_s=5.0) == count


def test_if_nothing_moved_no_request_may_fail() -> None:
    assert strays([0.1, 0.2], moves=[], healed_s=1.0) == 2


def test_results_within_the_limits_keep_the_promises_and_the_length_of_a_partition_does_not_count() -> None:
    assert [verdict.is_kept for verdict in evaluate(KEPT)] == [True] * 6


@pytest.mark.parametrize(
    ("fault", "broken", "which"),
    [
        (KILLED[0], {"took_s": 1.1}, {0}),
        (SWITCH, {"took_s": 0.31}, {1}),
        (SWITCH, {"two_s": 5.1}, {2}),
        (SWITCH, {"kept": False}, {3}),
        (SWITCH, {"kept": None}, {3}),
        (SWITCH, {"stray": 1}, {4}),
        (SWITCH, {"is_right": False}, {1, 5}),
    ],
)
def test_the_worst_result_counts(fault: str, broken: dict[str, object], which: set[int]) -> None:
    trials = [*KEPT, replace(KEPT[FIRST[fault]], **broken)]  # type: ignore[arg-type]
    assert {number for number, verdict in enumerate(evaluate(trials)) if not verdict.is_kept} == which


def test_what_was_not_measured_is_reported_and_keeps_no_promise() -> None:
    assert {verdict.is_kept for verdict in evaluate([])} == {None}
    text = page({}, KEPT, ["keepalived, carrier lost: it broke"])
    assert "| not measured | – | – | – | – |" in text
    assert "- keepalived, carrier lost: it broke" in text
