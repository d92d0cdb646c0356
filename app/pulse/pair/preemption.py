"""Holds a primary back that is to take the virtual IPs again, until it knows the other router's connections."""

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
    """The step of the priority is what says that it waits: so the next pulse goes on with it.

    While it waits its priority is below the other router's, so that it takes over only if that one fails.
    """

    def __init__(
        self,
        engine: KeepalivedSupervisor,
        said: ReportedPartner,
        tell: PairEvents,
        connections: Callable[[], int | None],
    ) -> None:
        self._engine = engine
        self._said = said
        self._tell = tell
        self._connections = connections
        self._until: float | None = None
        self._report: TakeBackReport | None = None

    def first_step(self, config: Config | None, place: Membership) -> int:
        """Return with which step keepalived is to start."""
        return WAITING_STEP if config is not None and _waits(config, place) else 0

    def advance(self, config: Config | None, place: Membership, role: Role) -> None:
        """Look how far it is, and take them back when it is time to."""
        self._report = None
        if self._engine.step() != WAITING_STEP or role != "standby" or config is None:
            self._until = None
            return
        now = asyncio.get_running_loop().time()
        if self._until is None:
            self._until = now + effective(config, "preempt_in_step_within")
        word, ours = self._said.now, self._connections()
        theirs = word["connections"] if word is not None else None
        far = how_far(ours, theirs)
        if not _waits(config, place):
            self._take("")
        elif is_in_step(ours, theirs):
            self._take(f"this router takes the virtual IPs back: it knows {far}")
        elif now >= self._until:
            self._take(f"this router takes the virtual IPs back and waits no longer: {far}")
        else:
            self._report = {"ours": ours, "theirs": theirs, "left_s": self._until - now}

    def report(self) -> TakeBackReport | None:
        """Return how far it is; None: it does not wait."""
        return self._report

    def _take(self, sentence: str) -> None:
        if sentence:
            self._tell.say(sentence)
        self._until = None
        self._engine.set_step(0)


def _waits(config: Config, place: Membership) -> bool:
    """Whether a router of that place waits: without a sync daemon there is nothing to wait for."""
    keys = ("preempt", "preempt_in_step", "syncdaemon")
    is_primary = isinstance(place, Pair) and place.side is Side.PRIMARY
    return is_primary and all(effective(config, key) for key in keys)
