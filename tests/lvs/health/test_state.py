"""The state machine of one server: nothing but its rules moves it."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.lvs.health.state import HealthStatus, Rules, State, step, unknown

INTERVAL_S = 6.0

rules = st.builds(Rules, st.integers(0, 60), fall=st.integers(1, 4), rise=st.none() | st.integers(1, 4))
results = st.lists(st.booleans(), max_size=40)


def run(rules: Rules, results: list[bool], is_in: bool = False) -> list[State]:
    """Return the states a server goes through with `results` at each interval, its first one in front."""
    states = [unknown(is_in, 0.0)]
    for number, passed in enumerate(results, 1):
        states.append(step(states[-1], passed, rules, number * INTERVAL_S))
    return states


def standings(rules: Rules, word: str) -> str:
    """Return what becomes of a server whose checks pass (+) and fail (-), a letter for each state."""
    return "".join(state.standing[0] for state in run(rules, [letter == "+" for letter in word])[1:])


@pytest.mark.parametrize(
    ("rules", "checks", "expected"),
    [
        (Rules(180), "+", "u"),
        (Rules(180), "+-", "ud"),
        (Rules(12), "+-+++", "udddu"),
        (Rules(13), "+-++++", "uddddu"),
        (Rules(12), "+-++-+++", "udddddd" + "u"),
        (Rules(12), "-+++", "dddu"),
        (Rules(0), "-+", "du"),
        (Rules(180, rise=2), "-+-++", "ddddu"),
        (Rules(180, fall=3), "+--+---", "uuuuuud"),
    ],
)
def test_it_follows_piranhas_rules_and_our_counts(rules: Rules, checks: str, expected: str) -> None:
    assert standings(rules, checks) == expected


def test_one_failure_of_several_allowed_leaves_an_unknown_server_unknown() -> None:
    assert [state.standing for state in run(Rules(0, fall=2), [False, False])] == [
        HealthStatus.UNKNOWN,
        HealthStatus.UNKNOWN,
        HealthStatus.DOWN,
    ]


@given(rules, results, st.booleans())
def test_a_server_goes_out_only_after_as_many_failures_in_a_row_as_its_rule_says(
    rules: Rules, results: list[bool], is_in: bool
) -> None:
    states = run(rules, results, is_in)
    for at, (before, after) in enumerate(pairwise(states), 1):
        if before.standing is not HealthStatus.DOWN and after.standing is HealthStatus.DOWN:
            assert not any(results[at - rules.fall : at])
            assert at >= rules.fall
        if before.is_in and not after.is_in:
            assert after.standing is HealthStatus.DOWN


@given(rules, results, st.booleans())
def test_a_server_comes_back_only_by_its_rule(rules: Rules, results: list[bool], is_in: bool) -> None:
    states = run(rules, results, is_in)
    for at, (before, after) in enumerate(pairwise(states), 1):
        if before.standing is HealthStatus.DOWN and after.standing is HealthStatus.UP:
            needed = rules.rise or -(-rules.reentry_s // INTERVAL_S) + 1
            row = results[at - int(needed) : at]
            assert len(row) == needed
            assert all(row)


@given(rules, results, st.booleans())
def test_the_rules_are_no_slower_than_they_say(rules: Rules, results: list[bool], is_in: bool) -> None:
    states = run(rules, results, is_in)
    for at in range(1, len(states)):
        back = int(rules.rise or -(-rules.reentry_s // INTERVAL_S) + 1)
        if at >= back and all(results[at - back : at]):
            assert states[at].standing is HealthStatus.UP
        if at >= rules.fall and not any(results[at - rules.fall : at]):
            assert states[at].standing is HealthStatus.DOWN


@given(rules, results, st.booleans())
def test_what_stands_stands_since_it_changed(rules: Rules, results: list[bool], is_in: bool) -> None:
    for number, (before, after) in enumerate(pairwise(run(rules, results, is_in)), 1):
        changed = before.standing is not after.standing
        assert after.since == (number * INTERVAL_S if changed else before.since)
        assert after.is_in == (
            after.standing is HealthStatus.UP or (after.standing is HealthStatus.UNKNOWN and is_in)
        )


def test_a_schedules_rounding_does_not_cost_an_interval() -> None:
    down = replace(unknown(True, 0.0), standing=HealthStatus.DOWN, is_in=False)
    first = step(down, True, Rules(12), 100.1)
    assert step(first, True, Rules(12), 112.09999999).standing is HealthStatus.UP
