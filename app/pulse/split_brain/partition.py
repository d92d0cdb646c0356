"""Lets one of two owners give way that do not hear each other, where their own connection still passes.

Then each knows from the other that both have the virtual IPs. The one that nobody on its network answers gives
way, else the backup, until the other is heard again, has them no longer, or says nothing more.
"""

from collections.abc import Callable

from app.host.keepalived import GIVE_UP
from app.lvs.pair.membership import Side
from app.lvs.pair.vrrp import PRIORITIES, Vrrp
from app.lvs.reports.partner import PartnerWord
from app.pulse.split_brain.reachability import Reachability
from app.pulse.vrrp.events import PairEvents
from app.pulse.vrrp.keepalived_supervisor import KeepalivedSupervisor
from app.pulse.vrrp.partner_status import ReportedPartner

TWO_FOR_S = 3.4
"""So long both are owners first: by then each has told what it sees. Within five seconds they are one again."""
BEHIND_FOR_S = 1.2
"""More than one question to the neighbours: that all were busy for a moment is no reason to give way."""
HEARD_FOR_S = 2.0
"""So long the other is heard before this router takes part again: one advertisement alone is no healing."""
SAID_LATER_S = 0.3
"""What the partner said so soon after this router took over may be of before."""


class Partition:
    """Knows whether this router gives way to a partner it does not hear; `announce_again` wins clients back."""

    def __init__(
        self,
        engine: KeepalivedSupervisor,
        said: ReportedPartner,
        tell: PairEvents,
        announce_again: Callable[[], None],
    ) -> None:
        self._engine = engine
        self._said = said
        self._tell = tell
        self._announce_again = announce_again
        self._is_ahead = False
        self._behind_since: float | None = None
        self._heard_since: float | None = None
        self.reachability = Reachability()
        self.is_yielding = False

    def settle(
        self,
        vrrp: Vrrp | None,
        name: str,
        sign_at: float | None,
        now: float,
        *,
        hears_owner: bool | None,
        step_after: int,
    ) -> None:
        """Give way or go on: `name` is the partner's, `sign_at` since when this router is the owner, if it is.

        `hears_owner`: VRRP says that the partner is, too; None: nothing can be heard. `step_after` is added to the
        priority of a router that gives way no longer.
        """
        reaches = self.reachability.somebody
        rival = self._rival() if hears_owner is False else None
        is_behind = vrrp is not None and rival is not None and _rank_of(rival, vrrp) > _rank(reaches, vrrp)
        self._behind_since = _since(self._behind_since, now, goes_on=is_behind)
        self._heard_since = _since(self._heard_since, now, goes_on=hears_owner is True)
        is_news = self._said.said_at > sign_at + SAID_LATER_S if sign_at is not None else False
        if self.is_yielding:
            is_healing = self._heard_since is not None and now - self._heard_since < HEARD_FOR_S
            # Being answered again is no reason to take them from one that serves.
            is_served = rival is not None and (rival["reaches"] is not False or reaches is False)
            if is_served or is_healing:
                # Whatever else has set it meanwhile.
                self._engine.set_step(GIVE_UP)
            else:
                self._take_part(name, is_heard=hears_owner is True, step=step_after)
        elif is_news and self._is_sure(sign_at, now):
            self._yield(name, is_cut_off=reaches is False)
        self._go_ahead(
            name, is_ahead=rival is not None and not is_behind and is_news, is_owner=sign_at is not None
        )

    def _yield(self, name: str, *, is_cut_off: bool) -> None:
        self.is_yielding = True
        cut_off = ", and nobody on its network answers this router" if is_cut_off else ""
        self._tell.say(
            f"{name} says that it has the virtual IPs, too, neither hears the other{cut_off}: this one gives way. "
            "Look at the network between."
        )
        self._engine.set_step(GIVE_UP)

    def _take_part(self, name: str, *, is_heard: bool, step: int) -> None:
        self.is_yielding = False
        why = "is heard again" if is_heard else "does not have them any more, or is cut off itself"
        self._tell.say(f"this router gives way no longer: {name} {why}")
        self._engine.set_step(step)

    def _go_ahead(self, name: str, *, is_ahead: bool, is_owner: bool) -> None:
        if is_ahead is self._is_ahead:
            return
        self._is_ahead = is_ahead
        if is_ahead:
            self._tell.say(
                f"{name} says that it has the virtual IPs, too, and neither hears the other: this router goes on. "
                "Look at the network between."
            )
        if is_owner:
            # Clients believe who announced last, and that was perhaps the one that gives way, or has.
            self._announce_again()

    def _rival(self) -> PartnerWord | None:
        """Return the partner's word if it is the owner, and hears nothing of this router."""
        word = self._said.now
        is_rival = word is not None and word["has_addresses"] is True and word["hears_owner"] is False
        return word if is_rival else None

    def _is_sure(self, sign_at: float | None, now: float) -> bool:
        if sign_at is None or self._behind_since is None:
            return False
        return now - sign_at > TWO_FOR_S and now - self._behind_since > BEHIND_FOR_S


def _since(before: float | None, now: float, *, goes_on: bool) -> float | None:
    """Return since when something goes on; None: it does not."""
    if not goes_on:
        return None
    return now if before is None else before


def _rank(reaches: bool | None, vrrp: Vrrp) -> tuple[bool, bool]:
    return reaches is not False, vrrp.priority == PRIORITIES[Side.PRIMARY]


def _rank_of(word: PartnerWord, vrrp: Vrrp) -> tuple[bool, bool]:
    return word["reaches"] is not False, vrrp.priority != PRIORITIES[Side.PRIMARY]
