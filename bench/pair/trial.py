"""The result of one fault of one pair, and the evaluation of its failed requests."""

from collections.abc import Sequence
from dataclasses import dataclass

SLACK_S = 0.5
"""A request that was in flight, or began at most this long after the last move, belongs to the take-over."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One run of one fault of one pair. Times are in seconds."""

    fault: str
    contender: str
    is_right: bool
    """Whether the correct router had the address in the end, and it did not move if it should have stayed."""
    took_s: float | None
    """Time until the address moved to another router, or back to the first one; None: it did not move."""
    two_s: float
    """The longest time both routers had it."""
    two_lasted: bool
    """Whether both had it until the fault was over."""
    two_after_s: float
    """The longest time both had it after that."""
    asked: int
    slowest_s: float
    """The longest response time."""
    failed: tuple[float, ...]
    """When the requests without an answer began, after the fault."""
    stray: int
    """How many of them do not belong to a take-over."""
    kept: bool | None
    """Whether an established connection survived; None: the partner did not know it."""
    note: str = ""


def strays(failed: Sequence[float], moves: Sequence[float], healed_s: float) -> int:
    """Return how many of the failed requests do not belong to a take-over.

    A take-over lasts from the fault, or from its end, to the last move that followed. All times are in
    seconds after the fault.
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
