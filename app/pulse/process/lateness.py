"""How late the loop starts what is due, and how much that is: over a few last minutes, in few numbers."""

from collections import deque
from dataclasses import dataclass, field

KEPT = 4096
RATE_OVER_S = 10.0


@dataclass(slots=True)
class Lateness:
    """The last starts: when, and how late, in seconds."""

    _last: deque[tuple[float, float]] = field(default_factory=lambda: deque(maxlen=KEPT))

    def note(self, late_s: float, at: float) -> None:
        """Take in one start."""
        self._last.append((at, max(0.0, late_s)))

    @property
    def mean_ms(self) -> float:
        """The mean; 0 when nothing has been started."""
        return sum(late for _, late in self._last) / len(self._last) * 1000 if self._last else 0.0

    @property
    def worst_ms(self) -> float:
        """The worst of the last starts."""
        return max((late for _, late in self._last), default=0.0) * 1000

    def per_s(self, now: float) -> float:
        """Return how many were started a second, over RATE_OVER_S or as far back as is known."""
        recent = [at for at, _ in self._last if now - at <= RATE_OVER_S]
        if not recent:
            return 0.0
        # More than are kept began in that time: the oldest that is known says since when.
        is_cut = len(recent) == KEPT
        return len(recent) / max(now - recent[0] if is_cut else RATE_OVER_S, 0.001)
