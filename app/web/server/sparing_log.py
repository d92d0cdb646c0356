"""A log of what strangers cause: some lines of every minute, and how many more there were."""

from collections.abc import Callable
from typing import Final

LINES_A_MINUTE: Final = 20
_MINUTE_S: Final = 60.0


class SparingLog:
    """Passes lines on to `write`; `look` is to be called now and then."""

    def __init__(self, write: Callable[[str], object]) -> None:
        self._write = write
        self._since = 0.0
        self._count = 0

    def note(self, line: str, now: float) -> None:
        """Write `line`, or only count it."""
        self.look(now)
        if self._count == 0:
            self._since = now
        self._count += 1
        if self._count <= LINES_A_MINUTE:
            self._write(line)

    def look(self, now: float) -> None:
        """Write how many lines were left out, once their minute is over."""
        if self._count == 0 or now < self._since + _MINUTE_S:
            return
        left_out, self._count = self._count - LINES_A_MINUTE, 0
        if left_out > 0:
            self._write(f"{left_out} more requests were refused or not finished in that minute")
