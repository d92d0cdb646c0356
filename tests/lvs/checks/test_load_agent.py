"""The words of a load agent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.lvs.checks.load_agent import AgentState, Load, LoadReading, load_after, parse_load

CASES = {
    "75%": LoadReading(75),
    "0%\r\n": LoadReading(0),
    "250%": LoadReading(100),
    "up": LoadReading(None, AgentState.READY),
    "READY 40%": LoadReading(40, AgentState.READY),
    "drain": LoadReading(None, AgentState.DRAIN),
    "maint,50%": LoadReading(50, AgentState.MAINTENANCE),
    "down": LoadReading(None, AgentState.DOWN),
    "fail": LoadReading(None, AgentState.DOWN),
    "failed#disk full, 3% left": LoadReading(None, AgentState.DOWN),
    "stopped": LoadReading(None, AgentState.DOWN),
    "maxconn:30 up\t80%": LoadReading(80, AgentState.READY),
    "down up": LoadReading(None, AgentState.READY),
    "": LoadReading(),
    "hello": LoadReading(),
    "%": LoadReading(),
    "-5%": LoadReading(),
    "7.5%": LoadReading(),
    "٣%": LoadReading(),
}


@pytest.mark.parametrize("said", CASES)
def test_a_line_of_an_agent_is_understood(said: str) -> None:
    assert parse_load(said) == CASES[said]


@given(st.text())
def test_any_line_is_understood_somehow(said: str) -> None:
    percent = parse_load(said).percent
    assert percent is None or 0 <= percent <= 100


def test_the_share_moves_by_one_step_at_a_time() -> None:
    load, seen = Load(), []
    for said in ("20%", "20%", "20%", "20%", "100%"):
        load = load_after(load, parse_load(said), step=30, floor=1)
        seen.append(load.percent)
    assert seen == [70, 40, 20, 20, 50]


def test_the_share_has_a_floor() -> None:
    assert load_after(Load(), parse_load("0%"), step=100, floor=10).percent == 10


def test_a_share_does_not_end_a_drain_and_up_does_not_change_the_share() -> None:
    drained = load_after(Load(), parse_load("drain 30%"), step=100, floor=1)
    assert load_after(drained, parse_load("60%"), step=100, floor=1) == Load(60, AgentState.DRAIN)
    assert load_after(drained, parse_load("up"), step=100, floor=1) == Load(30, AgentState.READY)


@given(st.lists(st.integers(0, 300)), st.integers(1, 100), st.integers(1, 100))
def test_no_reading_moves_the_share_by_more_than_a_step_or_out_of_its_bounds(
    percents: list[int], step: int, floor: int
) -> None:
    load = Load()
    for percent in percents:
        after = load_after(load, parse_load(f"{percent}%"), step, floor)
        assert floor <= after.percent <= 100
        assert abs(after.percent - load.percent) <= step
        load = after
