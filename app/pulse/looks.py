"""How pulse's own loop does: how long its looks at the kernel take, and how late they begin."""

import time
from collections.abc import Awaitable
from dataclasses import dataclass, field

from app.lvs.report import LoopReport
from app.pulse.lateness import Lateness


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

    def note_late(self, late_s: float) -> None:
        """Take in how much later than it was due the loop came back."""
        self._lateness.note(late_s, time.monotonic())

    def report(self) -> LoopReport:
        """Return it as a document."""
        return {
            "look_ms": round(self._took_s * 1000, 3),
            "late_ms": round(self._lateness.mean_ms, 3),
            "late_ms_worst": round(self._lateness.worst_ms, 3),
        }
