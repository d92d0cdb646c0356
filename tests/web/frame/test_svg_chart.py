"""Charts: round ticks, lines with gaps as gaps, marks."""

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.web.frame.svg_chart import (
    BOTTOM,
    LEFT,
    MARK_TITLES,
    RIGHT,
    TOP,
    Y_TICKS,
    ChartSeries,
    Happening,
    Point,
    chart,
    marks,
    round_ticks,
    short,
    spark,
    time_ticks,
)


def line(*values: float | None, step_s: int = 10) -> str:
    points = [Point(step_s * n, step_s, value) for n, value in enumerate(values, 1)]
    return chart("c", "t", [ChartSeries("s", "one", points)], 0, step_s * len(values)).lines[0].path


def test_known_steps_that_follow_each_other_are_one_stroke() -> None:
    assert re.fullmatch(r"M[\d. ]+h0L[\d. ]+L[\d. ]+", line(1, 2, 3))


@pytest.mark.parametrize("values", [(1, None, 3), (1, 2, None, 3, 4), (None, 1, None, 2, None)])
def test_what_is_unknown_is_a_gap(values: tuple[float | None, ...]) -> None:
    assert line(*values).count("M") == 2


def test_a_step_that_is_missing_is_a_gap_too() -> None:
    points = [Point(at, 10, 1.0) for at in (10, 20, 50, 60)]
    assert chart("c", "t", [ChartSeries("s", "one", points)], 0, 60).lines[0].path.count("M") == 2


def test_short_steps_after_long_ones_are_no_gap() -> None:
    points = [Point(300, 300, 1.0), Point(360, 60, 1.0), Point(370, 10, 1.0)]
    assert chart("c", "t", [ChartSeries("s", "one", points)], 0, 400).lines[0].path.count("M") == 1


def test_nothing_known_is_no_line_and_is_said() -> None:
    empty = chart("c", "t", [ChartSeries("in", "one", [Point(10, 10, None)])], 0, 10)
    assert empty.lines[0].path == ""
    assert empty.says == "in: nothing is known"
    assert [tick.text for tick in empty.y_ticks] == ["0", "1"]


@given(st.lists(st.none() | st.floats(0, 1e15), max_size=50))
def test_a_line_stays_within_the_axes(values: list[float | None]) -> None:
    for x, y in re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", line(*values) if values else ""):
        assert LEFT <= float(x) <= RIGHT
        assert TOP <= float(y) <= BOTTOM


@given(st.floats(1e-6, 1e18))
def test_the_highest_tick_is_round_and_not_far_above_the_highest_value(highest: float) -> None:
    ticks = round_ticks(highest)
    assert len(ticks) <= Y_TICKS + 1
    assert ticks[-1] >= highest * (1 - 1e-6)
    assert ticks[-2] < highest
    step = ticks[1]
    assert round(step / 10 ** math.floor(math.log10(step * 1.0001)), 3) in (1, 2, 5)


@pytest.mark.parametrize(
    ("highest", "texts"),
    [
        (3, ["0", "1", "2", "3"]),
        (1, ["0", "0.5", "1"]),
        (40, ["0", "10", "20", "30", "40"]),
        (7e6, ["0", "2 M", "4 M", "6 M", "8 M"]),
    ],
)
def test_ticks_are_ones_twos_and_fives(highest: float, texts: list[str]) -> None:
    assert [short(value) for value in round_ticks(highest)] == texts


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (0.25, "0.25"), (12.34, "12.3"), (999, "999"), (999.9, "1 k"), (1.5e9, "1.5 G"), (2e18, "2000 P")],
)
def test_numbers_are_short(value: float, text: str) -> None:
    assert short(value) == text


@pytest.mark.parametrize("span_s", [600, 3600, 6 * 3600, 86400, 7 * 86400, 31 * 86400])
def test_times_are_round_and_few_enough_to_stand_side_by_side(span_s: int) -> None:
    ticks = time_ticks(1_800_000_123, 1_800_000_123 + span_s)
    assert 4 <= len(ticks) <= 7
    assert all(1_800_000_123 <= at <= 1_800_000_123 + span_s for at, _ in ticks)
    assert all(re.fullmatch(r"\d\d:\d[05]|\d\d:\d[2468]|\d+ [A-Z][a-z][a-z]", text) for _, text in ticks)


def test_marks_at_one_place_are_one_and_say_what_they_hold() -> None:
    near = [Happening(100 + n, "event", f"event {n}") for n in range(MARK_TITLES + 2)]
    found = list(marks([*near, Happening(100, "revision", "serial 4"), Happening(5000, "event", "no")], 0, 4000))
    assert [(mark.kind, mark.title.count("\n")) for mark in found] == [("event", MARK_TITLES), ("revision", 0)]
    assert found[0].title.endswith("and 2 more")


def test_a_small_graph_has_gaps_and_no_axes() -> None:
    assert spark([None, 1, 2, None, 4]).count("M") == 2
    assert spark([]) == ""
    assert spark([0, 0]) == "M1.0 19.0h0L79.0 19.0"
