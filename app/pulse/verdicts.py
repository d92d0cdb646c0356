"""The verb "verdicts": what `palometa partner` tells the other router of this one, in short, and only news."""

import os
from collections.abc import Callable, Mapping
from typing import Any

from app.lvs.partner_report import VerdictsReport
from app.lvs.report import AppliedReport
from app.pulse.health_keeper import HealthKeeper


class Verdicts:
    """Answers from what `health` keeps and what was last `applied`; remembers nothing of who asks."""

    def __init__(self, health: HealthKeeper, applied: Callable[[], AppliedReport | None]) -> None:
        self._health = health
        self._applied = applied

    async def answer(self, arguments: Mapping[str, Any]) -> VerdictsReport:
        """Answer "verdicts"; who sends the mark of the last answer gets the servers only if they changed."""
        servers = self._health.verdicts()
        # Good for this process: it is compared with what this process gave out before.
        mark = f"{os.getpid()} {hash(tuple(servers))}"
        applied = self._applied()
        return {
            "mark": mark,
            "applied": applied["serial_no"] if applied is not None else None,
            "role": "",
            "servers": None if arguments.get("mark") == mark else servers,
        }
