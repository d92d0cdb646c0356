"""The verb "verdicts": what `palometa partner` tells the other router of this one, in short, and only news."""

import os
from collections.abc import Callable, Mapping
from typing import Any

from app.lvs.pair_report import PairReport
from app.lvs.partner_report import VerdictsReport
from app.lvs.report import AppliedReport
from app.pulse.health_keeper import HealthKeeper


class Verdicts:
    """Answers from what `health` keeps, what was last `applied` and the `pair`; remembers nothing of who asks."""

    def __init__(
        self,
        health: HealthKeeper,
        applied: Callable[[], AppliedReport | None],
        pair: Callable[[], PairReport | None],
    ) -> None:
        self._health = health
        self._applied = applied
        self._pair = pair

    async def answer(self, arguments: Mapping[str, Any]) -> VerdictsReport:
        """Answer "verdicts"; who sends the mark of the last answer gets the servers only if they changed."""
        servers = self._health.verdicts()
        # Good for this process: it is compared with what this process gave out before.
        mark = f"{os.getpid()} {hash(tuple(servers))}"
        applied, pair = self._applied(), self._pair()
        return {
            "mark": mark,
            "applied": applied["serial_no"] if applied is not None else None,
            "role": pair["role"] if pair is not None else "",
            "servers": None if arguments.get("mark") == mark else servers,
        }
