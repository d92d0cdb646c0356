"""What came of one fault of one pair, as a value, and what may be said of it."""

from collections.abc import Sequence
from dataclasses import dataclass

SLACK_S = 0.5
"""A request that was under way, or began no later than this after the last move, is one of the take-over."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One fault of one pair, once. Times are in seconds."""

    fault: str
    contender: str
    is_right: bool
    """Whether the right router had the address in the end, and if it was to stay, it has not moved."""
    took_s: float | None
    """Until the address came to another router, or to the first one again; None: it has not moved."""
    two_s: float
    """The longest time both had it."""
    two_lasted: bool
    """Whether both had it until the fault was over."""
    two_after_s: float
    """The longest time both had it after that."""
    asked: int
    slowest_s: float
    """The longest that one waited for its answer."""
    failed: tuple[float, ...]
    """When those that nobody answered began, after it happened."""
    stray: int
    """How many of them are not of a take-over."""
    kept: bool | None
    """Whether an established connection went on; None: there was none that the partner knew."""
    note: str = ""


def strays(failed: Sequence[float], moves: Sequence[float], healed_s: float) -> int:
    """Return how many of the requests that failed are not of a take-over.

    One lasts from the fault, or from when it was healed, to the last move before or after that. All in seconds
    after it happened.
    """
    windows = [
        (begin - SLACK_S, max(of_it) + SLACK_S)
        for begin, of_it in (
            (0.0, [at for at in moves if at <= healed_s]),
            (healed_s, [at for at in moves if at > healed_s]),
        )
        if of_it
    ]
    return sum(not any(begin <= at <= end for begin, end in windows) for at in failed)
