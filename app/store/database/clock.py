"""The time, as the store is given it: seconds since 1970, so that a test can set it."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], float]


def moment(clock: Clock) -> datetime:
    """Return the time `clock` says, in UTC."""
    return datetime.fromtimestamp(clock(), UTC)
