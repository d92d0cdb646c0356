"""Detects that the clock was set: nothing depends on it, but recorded times are wrong then."""

import time

JUMP_S = 2.0
"""Smaller steps are normal time synchronisation."""
_UNITS = ((86_400, "days"), (3600, "hours"), (60, "minutes"), (1, "seconds"))


class ClockWatch:
    """Compares the kernel's two clocks at each poll."""

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
        direction = "forward" if by_s > 0 else "back"
        return f"the clock of this router was set {abs(by_s) / size:.0f} {unit} {direction}"
