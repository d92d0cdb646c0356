"""How late and how often things begin, in few numbers."""

from app.pulse.process.loop_timing import KEPT, Lateness


def test_mean_and_worst_are_of_the_last_starts_and_never_early() -> None:
    lateness = Lateness()
    assert (lateness.mean_ms, lateness.worst_ms, lateness.per_s(0.0)) == (0.0, 0.0, 0.0)
    for late_s in (-1.0, 0.0, 0.3):
        lateness.note(late_s, 1.0)
    assert (round(lateness.mean_ms), lateness.worst_ms) == (100, 300.0)


def test_the_rate_is_that_of_the_last_ten_seconds() -> None:
    lateness = Lateness()
    for second in range(100):
        lateness.note(0.0, float(second))
    assert lateness.per_s(99.5) == 1.0
    assert lateness.per_s(1000.0) == 0.0


def test_a_rate_beyond_what_is_kept_is_still_right() -> None:
    lateness = Lateness()
    for number in range(2 * KEPT):
        lateness.note(0.0, number / 1024)
    assert round(lateness.per_s(2 * KEPT / 1024)) == 1024
