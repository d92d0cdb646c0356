"""Notices that somebody has set the clock: nothing here goes by it, but what is told of times is then wrong."""

import time

JUMP_S = 2.0
"""Less is how clocks are kept right."""
_UNITS = ((86_400, "days"), (3600, "hours"), (60, "minutes"), (1, "seconds"))


class ClockWatch:
    """Compares the two clocks of the kernel at each look."""

    def __init__(self) -> None:
        self._apart: float | None = None

    def jump(self, clock: float | None = None, steady: float | None = None) -> str:
        """Return in words by how much the clock was set since the last call; empty: it was not."""
        now = time.time() if clock is None else clock
        apart = now - (time.monotonic() if steady is None else steady)
        before, self._apart = self._apart, apart
        by_s = apart - before if before is not None else 0.0
        if abs(by_s) < JUMP_S:
            return ""
        size, unit = next((size, unit) for size, unit in _UNITS if abs(by_s) >= size * 2)
        return f"the clock of this router was set {abs(by_s) / size:.0f} {unit} {'forth' if by_s > 0 else 'back'}"
