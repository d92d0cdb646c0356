"""Slow start, and the running mean of response times. Times are the caller's, in seconds."""

STEPS = 10
ROUNDING_S = 1e-6
"""Times of a schedule are sums of floats."""


def slow_share(came_in_at: float, over_s: float, now: float) -> int:
    """Return the share of its weight, in percent, of a server that came in at `came_in_at`; `over_s` > 0."""
    return _step(came_in_at, over_s, now) * 100 // STEPS


def next_step_at(came_in_at: float, over_s: float, now: float) -> float | None:
    """Return when that share changes next; None: the server has its full weight."""
    step = _step(came_in_at, over_s, now)
    return came_in_at + step * over_s / STEPS if step < STEPS else None


def _step(came_in_at: float, over_s: float, now: float) -> int:
    return max(1, min(STEPS, 1 + int((now - came_in_at + ROUNDING_S) * STEPS / over_s)))


WEIGHT_OF_LAST = 0.25
"""The share of the last response in the mean: a change shows after about four responses."""
RETURN_SHARE = 0.8
"""A slow server is normal again below this share of the threshold, so that it does not flap."""


def mean_after(mean_s: float | None, duration_s: float) -> float:
    """Return the running mean with one more response; `mean_s` None: it is the first."""
    return duration_s if mean_s is None else mean_s + (duration_s - mean_s) * WEIGHT_OF_LAST


def is_slow(mean_s: float, threshold_s: float, was_slow: bool) -> bool:
    """Return whether a server with this mean counts as slow."""
    return mean_s >= threshold_s * RETURN_SHARE if was_slow else mean_s > threshold_s
