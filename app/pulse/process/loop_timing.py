"""How pulse's main loop performs: how long its steps take, and how late they start."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable
from dataclasses import dataclass, field

from app.lvs.reports.status import LoopReport

KEPT = 4096
RATE_OVER_S = 10.0


@dataclass(slots=True)
class Lateness:
    """The last starts: when, and how late, in seconds."""

    _last: deque[tuple[float, float]] = field(default_factory=lambda: deque(maxlen=KEPT))

    def note(self, late_s: float, at: float) -> None:
        """Record one start."""
        self._last.append((at, max(0.0, late_s)))

    @property
    def mean_ms(self) -> float:
        """The mean; 0 if nothing has been started."""
        return sum(late for _, late in self._last) / len(self._last) * 1000 if self._last else 0.0

    @property
    def worst_ms(self) -> float:
        """The worst of the recent starts."""
        return max((late for _, late in self._last), default=0.0) * 1000

    def per_s(self, now: float) -> float:
        """Return the starts per second, over RATE_OVER_S or as far back as is known."""
        recent = [at for at, _ in self._last if now - at <= RATE_OVER_S]
        if not recent:
            return 0.0
        # More started in that time than are kept, so count from the oldest that is kept.
        is_cut = len(recent) == KEPT
        return len(recent) / max(now - recent[0] if is_cut else RATE_OVER_S, 0.001)


@dataclass(slots=True)
class LoopTiming:
    """The duration of the last step, and the lateness of recent ones."""

    _lateness: Lateness = field(default_factory=Lateness)
    _took_s: float = 0.0

    async def timed(self, step: Awaitable[None]) -> None:
        """Await one step and record how long it took."""
        began = time.monotonic()
        await step
        self._took_s = time.monotonic() - began

    async def pause(self, kicked: asyncio.Event, seconds: float) -> None:
        """Return when the next step is due, or as soon as `kicked` is set; record how late that is."""
        began = time.monotonic()
        try:
            async with asyncio.timeout(seconds):
                await kicked.wait()
        except TimeoutError:
            now = time.monotonic()
            self._lateness.note(now - began - seconds, now)
            return
        kicked.clear()

    def report(self) -> LoopReport:
        """Return the timing as a document."""
        return {
            "look_ms": round(self._took_s * 1000, 3),
            "late_ms": round(self._lateness.mean_ms, 3),
            "late_ms_worst": round(self._lateness.worst_ms, 3),
        }
