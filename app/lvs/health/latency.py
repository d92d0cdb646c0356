"""How long a server takes to answer, as a running mean, and when that is too long."""

WEIGHT_OF_LAST = 0.25
"""The share of the last answer in the mean: a change shows after about four answers."""
RETURN_SHARE = 0.8
"""A slow server is quick again below this share of the threshold, so that it does not go to and fro at it."""


def mean_after(mean_s: float | None, duration_s: float) -> float:
    """Return the running mean with one more answer; `mean_s` None: it is the first."""
    return duration_s if mean_s is None else mean_s + (duration_s - mean_s) * WEIGHT_OF_LAST


def is_slow(mean_s: float, threshold_s: float, was_slow: bool) -> bool:
    """Return whether a server with this mean counts as slow."""
    return mean_s >= threshold_s * RETURN_SHARE if was_slow else mean_s > threshold_s
