"""Delays the preemption of a primary until it knows the other router's connections."""

import asyncio
from collections.abc import Callable

from app.lvs.keywords.table import effective
from app.lvs.model.config import Config
from app.lvs.pair.membership import Membership, Pair, Side
from app.lvs.pair.switch_readiness import how_far, is_in_step
from app.lvs.pair.vrrp import WAITING_STEP
from app.lvs.reports.pair import Role, TakeBackReport
from app.pulse.vrrp.events import PairEvents
from app.pulse.vrrp.keepalived_supervisor import KeepalivedSupervisor
from app.pulse.vrrp.partner_status import ReportedPartner


class PreemptDelay:
    """The priority step in the file says that it waits, so a pulse that is restarted continues to wait.

    While it waits, its priority is below the other router's, so that it takes over only if that one fails.
    """

    def __init__(
        self,
        keepalived: KeepalivedSupervisor,
        reported: ReportedPartner,
        events: PairEvents,
        connections: Callable[[], int | None],
    ) -> None:
        self._keepalived = keepalived
        self._reported = reported
        self._events = events
        self._connections = connections
        self._until: float | None = None
        self._report: TakeBackReport | None = None

    def first_step(self, config: Config | None, place: Membership) -> int:
        """Return the priority step that keepalived should start with."""
        return WAITING_STEP if config is not None and _waits(config, place) else 0

    def advance(self, config: Config | None, place: Membership, role: Role) -> None:
        """Compare the connections, and preempt when it is time to."""
        self._report = None
        if self._keepalived.step() != WAITING_STEP or role != "standby" or config is None:
            self._until = None
            return
        now = asyncio.get_running_loop().time()
        if self._until is None:
            self._until = now + effective(config, "preempt_in_step_within")
        word, ours = self._reported.now, self._connections()
        theirs = word["connections"] if word is not None else None
        far = how_far(ours, theirs)
        if not _waits(config, place):
            self._preempt("")
        elif is_in_step(ours, theirs):
            self._preempt(f"this router preempts: it knows {far}")
        elif now >= self._until:
            self._preempt(f"this router preempts without waiting any longer: {far}")
        else:
            self._report = {"ours": ours, "theirs": theirs, "left_s": self._until - now}

    def report(self) -> TakeBackReport | None:
        """Return how far the connections are in sync; None: it is not waiting."""
        return self._report

    def _preempt(self, sentence: str) -> None:
        if sentence:
            self._events.record(sentence)
        self._until = None
        self._keepalived.set_step(0)


def _waits(config: Config, place: Membership) -> bool:
    """Return whether a router with that membership waits; without a sync daemon there is nothing to wait for."""
    keys = ("preempt", "preempt_in_step", "syncdaemon")
    is_primary = isinstance(place, Pair) and place.side is Side.PRIMARY
    return is_primary and all(effective(config, key) for key in keys)
