"""The running mean of a server's answers."""

from hypothesis import given
from hypothesis import strategies as st

from app.lvs.health.weights import is_slow, mean_after

durations = st.floats(0.0, 100.0)


def test_the_first_answer_is_the_mean_and_a_later_one_moves_it_by_a_quarter() -> None:
    assert mean_after(None, 0.2) == 0.2
    assert mean_after(0.25, 0.75) == 0.375


@given(st.lists(durations, min_size=1, max_size=30))
def test_the_mean_is_between_the_quickest_and_the_slowest(answers: list[float]) -> None:
    mean_s: float | None = None
    for duration_s in answers:
        mean_s = mean_after(mean_s, duration_s)
    assert mean_s is not None
    assert min(answers) - 1e-9 <= mean_s <= max(answers) + 1e-9


def test_a_slow_server_is_quick_again_only_below_four_fifths() -> None:
    assert not is_slow(0.5, 0.5, was_slow=False)
    assert is_slow(0.51, 0.5, was_slow=False)
    assert is_slow(0.4, 0.5, was_slow=True)
    assert not is_slow(0.39, 0.5, was_slow=True)
