"""The weight of a server that has come in rises in ten steps."""

from hypothesis import given
from hypothesis import strategies as st

from app.lvs.health.weights import next_step_at, slow_share


def test_there_are_ten_steps_and_the_last_is_the_whole_weight() -> None:
    assert [slow_share(100.0, 20, 100.0 + after) for after in range(0, 24, 2)] == [
        10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 100, 100,
    ]  # fmt: skip


@given(st.floats(0, 1e7), st.integers(1, 86400))
def test_each_step_is_foretold_and_there_are_nine_of_them(came_in_at: float, over_s: int) -> None:
    now, shares = came_in_at, [slow_share(came_in_at, over_s, came_in_at)]
    while (at := next_step_at(came_in_at, over_s, now)) is not None:
        assert at > now
        now = at
        shares.append(slow_share(came_in_at, over_s, now))
    assert shares == list(range(10, 101, 10))
    assert now <= came_in_at + over_s
