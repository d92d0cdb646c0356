"""Rates, rows and longer steps: what is not known stays unknown."""

import math
from array import array
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.lvs.ipvs.counters import Counters
from app.lvs.ipvs.rate_history import ID_SIZE, LEVELS, Level, folded, rates, row_of, series_id, slot_end

TOTALS = st.builds(Counters, *[st.integers(0, 2**64 - 1)] * 5)
VALUE = st.floats(0, 2.0**40, width=32) | st.just(math.nan)


def test_rates_are_what_was_counted_by_the_time_between() -> None:
    assert rates(Counters(10, 20, 30, 40, 50), Counters(20, 40, 60, 80, 150), 10) == (1, 2, 3, 4, 10)


@given(TOTALS, TOTALS, st.floats(0.1, 100))
def test_a_counter_that_became_less_began_anew_and_nothing_is_known(
    before: Counters, after: Counters, elapsed_s: float
) -> None:
    found = rates(before, after, elapsed_s)
    names = ("connections", "packets_in", "packets_out", "bytes_in", "bytes_out")
    has_reset = any(getattr(after, name) < getattr(before, name) for name in names)
    assert (found is None) == has_reset
    assert found is None or min(found) >= 0


def test_two_readings_of_one_moment_tell_no_rate() -> None:
    assert rates(Counters(1), Counters(2), 0) is None


@given(st.lists(st.lists(VALUE, min_size=4, max_size=4), min_size=1, max_size=12))
def test_a_longer_step_is_the_mean_of_what_is_known_of_at_least_its_half(rows: list[list[float]]) -> None:
    found = folded([array("f", row) for row in rows], len(rows))
    for index, mean in enumerate(found):
        known = [row[index] for row in rows if not math.isnan(row[index])]
        if len(known) * 2 < len(rows):
            assert math.isnan(mean)
        else:
            assert mean == pytest.approx(sum(known) / len(known), rel=1e-6)
            assert min(known) * 0.999 <= mean <= max(known) * 1.001


def test_steps_that_are_missing_count_as_unknown() -> None:
    assert math.isnan(folded([array("f", [6.0])] * 2, 6)[0])
    assert folded([array("f", [6.0])] * 3, 6)[0] == 6


@given(st.lists(st.binary(min_size=ID_SIZE, max_size=ID_SIZE), unique=True, max_size=20), st.integers(0, 20))
def test_a_series_is_found_where_it_stands_and_nowhere_between(ids: list[bytes], which: int) -> None:
    whole = b"".join(ids)
    for row, ident in enumerate(ids):
        assert row_of(whole, ident) == row
    shifted = whole[which : which + ID_SIZE]
    assert len(shifted) < ID_SIZE or shifted in ids or row_of(whole, shifted) is None


@pytest.mark.parametrize(("fine", "coarse"), list(pairwise(LEVELS)))
def test_a_file_of_a_level_holds_whole_steps_of_the_next_and_is_kept_long_enough_for_them(
    fine: Level, coarse: Level
) -> None:
    assert fine.span_s % coarse.step_s == 0
    assert fine.kept_s >= 2 * coarse.step_s or fine.kept_s == coarse.step_s


def test_a_sample_belongs_to_the_step_that_it_ends() -> None:
    assert [slot_end(at, 60) for at in (0, 10, 60, 61, 120)] == [0, 60, 60, 120, 120]


def test_a_series_has_an_id_of_its_own() -> None:
    names = [f"tcp 192.0.2.{number}:80" for number in range(100)]
    ids = {series_id(name) for name in names}
    assert len(ids) == 100
    assert {len(found) for found in ids} == {ID_SIZE}
