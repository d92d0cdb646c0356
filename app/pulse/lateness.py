"""How late the loop starts what is due: over a few last minutes, in few numbers."""

from collections import deque
from dataclasses import dataclass, field

KEPT = 4096


@dataclass(slots=True)
class Lateness:
    """The lateness of the last starts, in seconds."""

    _last: deque[float] = field(default_factory=lambda: deque(maxlen=KEPT))

    def note(self, late_s: float) -> None:
        """Take in one start."""
        self._last.append(max(0.0, late_s))

    @property
    def mean_ms(self) -> float:
        """The mean; 0 when nothing has been started."""
        return sum(self._last) / len(self._last) * 1000 if self._last else 0.0

    @property
    def worst_ms(self) -> float:
        """The worst of the last starts."""
        return max(self._last, default=0.0) * 1000
