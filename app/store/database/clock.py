"""The time, as the store is given it: seconds since 1970, so that a test can set it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], float]
SET_BACK = timedelta(minutes=1)
"""What was noted later than this from now was noted before the clock was set back; less is a correction."""


def moment(clock: Clock) -> datetime:
    """Return the time `clock` says, in UTC."""
    return datetime.fromtimestamp(clock(), UTC)
