"""The verb "verdicts": what `palometa partner` reports of this router to the other one, in short, changes only."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.lvs.ipvs.counters import connections
from app.lvs.reports.pair import PairReport, SyncReport
from app.lvs.reports.status import AppliedReport
from app.pulse.health.keeper import HealthKeeper
from app.pulse.process.control import read_arguments
from app.pulse.table.keeper import TableKeeper
from app.pulse.vrrp.partner_status import ReportedPartner

if TYPE_CHECKING:
    from app.lvs.reports.partner import VerdictsReport


@dataclass(frozen=True, slots=True)
class VerdictsArguments:
    """The argument of the verb "verdicts" that it answers by: the last mark."""

    mark: Any = None


class VerdictExchange:
    """Answers from what `health` and the `keeper` keep, what was last `applied` and the `pair`.

    It keeps no state of its clients except the partner's summary, which goes to `reported`.
    """

    def __init__(
        self,
        health: HealthKeeper,
        applied: Callable[[], AppliedReport | None],
        pair: Callable[[], PairReport | None],
        keeper: Callable[[], TableKeeper | None],
        reported: ReportedPartner,
    ) -> None:
        self._health = health
        self._applied = applied
        self._pair = pair
        self._keeper = keeper
        self._reported = reported

    async def answer(self, arguments: Mapping[str, Any]) -> "VerdictsReport":
        """Answer "verdicts"; with the mark of the last answer in the request, the servers only if they changed.

        The argument "partner", if there is one, is the other router's latest summary. If that cannot be read, the
        sender gets its answer nevertheless.
        """
        asked = read_arguments(arguments, VerdictsArguments)
        if "partner" in arguments:
            self._reported.receive(arguments["partner"])
        servers = self._health.verdicts()
        # Valid for this process only, as it is compared with what this process returned before.
        mark = f"{os.getpid()} {hash(tuple(servers))}"
        applied, pair, keeper = self._applied(), self._pair(), self._keeper()
        return {
            "mark": mark,
            "applied": applied["serial_no"] if applied is not None else None,
            "role": pair["role"] if pair is not None else "",
            "sync": _sync(pair["sync"]) if pair is not None else "",
            "connections": connections(keeper.counters) if keeper is not None else None,
            "has_addresses": pair["owners"]["own"] if pair is not None else None,
            "hears_owner": pair["owners"]["vrrp"] if pair is not None else None,
            "reaches": pair["reaches"] if pair is not None else None,
            "dispute": pair["owners"]["dispute"] if pair is not None else "",
            "story": pair["story"] if pair is not None else [],
            "servers": None if asked.mark == mark else servers,
        }


def _sync(sync: SyncReport) -> str:
    return "failed" if sync["trouble"] else sync["role"]
