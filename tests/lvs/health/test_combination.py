"""Several checks make one standing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.lvs.health.state import HealthStatus, State, combine, combined, unknown

WORDS = {"u": HealthStatus.UP, "d": HealthStatus.DOWN, "?": HealthStatus.UNKNOWN}


@pytest.mark.parametrize(
    ("checks", "needed", "expected"),
    [
        ("uu", 2, "u"),
        ("u?", 2, "?"),
        ("d?", 2, "d"),
        ("ud", 2, "d"),
        ("ud", 1, "u"),
        ("d?", 1, "?"),
        ("dd", 1, "d"),
        ("uud", 2, "u"),
        ("u?d", 2, "?"),
        ("udd", 2, "d"),
    ],
)
def test_a_server_stands_as_enough_of_its_checks_do(checks: str, needed: int, expected: str) -> None:
    assert combined([WORDS[letter] for letter in checks], needed) is WORDS[expected]


@given(st.lists(st.sampled_from(list(HealthStatus)), min_size=1, max_size=6), st.data())
def test_what_is_still_unknown_cannot_turn_what_is_decided(
    standings: list[HealthStatus], data: st.DataObject
) -> None:
    needed = data.draw(st.integers(1, len(standings)))
    decided = [
        data.draw(st.sampled_from([HealthStatus.UP, HealthStatus.DOWN]))
        if standing is HealthStatus.UNKNOWN
        else standing
        for standing in standings
    ]
    before, after = combined(standings, needed), combined(decided, needed)
    assert after is not HealthStatus.UNKNOWN
    assert before in (HealthStatus.UNKNOWN, after)


def test_a_server_that_gets_another_check_stays_where_it_is_until_that_has_run() -> None:
    up = State(HealthStatus.UP, True, 5.0)
    for before in (up, State(HealthStatus.DOWN, False, 5.0, had_clients=True)):
        after = combine(before, [HealthStatus.UP, HealthStatus.UNKNOWN], 2, 9.0)
        assert (after.standing, after.is_in, after.since) == (HealthStatus.UNKNOWN, before.is_in, 9.0)
    assert combine(up, [HealthStatus.UP, HealthStatus.UP], 2, 9.0) is up


@pytest.mark.parametrize("is_in", [True, False])
def test_one_that_goes_down_remembers_whether_it_had_clients(is_in: bool) -> None:
    after = combine(unknown(is_in, 0.0), [HealthStatus.DOWN], 1, 9.0)
    assert after == State(HealthStatus.DOWN, False, 9.0, had_clients=is_in)
