"""How pulse's own loop does: how long its looks at the kernel take, and how late they begin."""

import asyncio
import time
from collections.abc import Awaitable
from dataclasses import dataclass, field

from app.lvs.reports.status import LoopReport
from app.pulse.process.lateness import Lateness


@dataclass(slots=True)
class Looks:
    """The last looks."""

    _lateness: Lateness = field(default_factory=Lateness)
    _took_s: float = 0.0

    async def timed(self, look: Awaitable[None]) -> None:
        """Await one look and note how long it took."""
        began = time.monotonic()
        await look
        self._took_s = time.monotonic() - began

    async def pause(self, kicked: asyncio.Event, seconds: float) -> None:
        """Return when it is time for the next look, or as soon as somebody has `kicked`; note how late that is."""
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
        """Return it as a document."""
        return {
            "look_ms": round(self._took_s * 1000, 3),
            "late_ms": round(self._lateness.mean_ms, 3),
            "late_ms_worst": round(self._lateness.worst_ms, 3),
        }
