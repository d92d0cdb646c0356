"""Several checks make one standing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.lvs.health.state import Standing, State, combine, combined, unknown

WORDS = {"u": Standing.UP, "d": Standing.DOWN, "?": Standing.UNKNOWN}


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


@given(st.lists(st.sampled_from(list(Standing)), min_size=1, max_size=6), st.data())
def test_what_is_still_unknown_cannot_turn_what_is_decided(standings: list[Standing], data: st.DataObject) -> None:
    needed = data.draw(st.integers(1, len(standings)))
    decided = [
        data.draw(st.sampled_from([Standing.UP, Standing.DOWN])) if standing is Standing.UNKNOWN else standing
        for standing in standings
    ]
    before, after = combined(standings, needed), combined(decided, needed)
    assert after is not Standing.UNKNOWN
    assert before in (Standing.UNKNOWN, after)


def test_a_server_that_gets_another_check_stays_where_it_is_until_that_has_run() -> None:
    up = State(Standing.UP, True, 5.0)
    for before in (up, State(Standing.DOWN, False, 5.0, had_clients=True)):
        after = combine(before, [Standing.UP, Standing.UNKNOWN], 2, 9.0)
        assert (after.standing, after.is_in, after.since) == (Standing.UNKNOWN, before.is_in, 9.0)
    assert combine(up, [Standing.UP, Standing.UP], 2, 9.0) is up


@pytest.mark.parametrize("is_in", [True, False])
def test_one_that_goes_down_remembers_whether_it_had_clients(is_in: bool) -> None:
    after = combine(unknown(is_in, 0.0), [Standing.DOWN], 1, 9.0)
    assert after == State(Standing.DOWN, False, 9.0, had_clients=is_in)
