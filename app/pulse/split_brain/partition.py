"""Makes one of two owners step down if they do not hear each other, but their own connection still works.

Then each knows from the other that both have the virtual IPs. The one that no neighbour answers steps down, or
else the backup, until the other is heard again, no longer has them, or reports nothing any more.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from app.host.keepalived import GIVE_UP
from app.host.network.devices import DeviceReader
from app.lvs.pair.membership import Side
from app.lvs.pair.vrrp import PRIORITIES, Vrrp
from app.pulse.split_brain.reachability import Reachability
from app.pulse.vrrp.events import PairEvents
from app.pulse.vrrp.keepalived_supervisor import KeepalivedSupervisor
from app.pulse.vrrp.partner_status import ReportedPartner

if TYPE_CHECKING:
    from app.lvs.reports.partner import PartnerSummary

TWO_FOR_S = 3.4
"""How long both are owners first: by then each has reported what it sees. Within five seconds one is left."""
BEHIND_FOR_S = 1.2
"""More than one request to the neighbours: that all were busy for a moment is no reason to step down."""
HEARD_FOR_S = 2.0
"""How long the partner is heard before this router takes part again: a single advertisement is not enough."""
REPORTED_LATER_S = 0.3
"""What the partner reports sooner after this router took over may describe the time before."""


class Partition:
    """Knows whether this router yields to a partner it does not hear; `announce_again` wins clients back."""

    def __init__(
        self,
        keepalived: KeepalivedSupervisor,
        reported: ReportedPartner,
        events: PairEvents,
        announce_again: Callable[[], None],
        devices: DeviceReader,
    ) -> None:
        self._keepalived = keepalived
        self._reported = reported
        self._events = events
        self._announce_again = announce_again
        self._is_ahead = False
        self._behind_since: float | None = None
        self._heard_since: float | None = None
        self.reachability = Reachability(devices)
        self.is_yielding = False

    def settle(
        self,
        vrrp: Vrrp | None,
        name: str,
        owner_since: float | None,
        now: float,
        *,
        hears_owner: bool | None,
        step_after: int,
    ) -> None:
        """Step down or continue: `name` is the partner's, `owner_since` is when this router became the owner.

        `hears_owner`: the partner advertises as the owner, too; None: nothing can be heard. `step_after` is
        added to the priority of a router that no longer yields.
        """
        reaches = self.reachability.somebody
        rival = self._rival() if hears_owner is False else None
        is_behind = vrrp is not None and rival is not None and _rank_of(rival, vrrp) > _rank(reaches, vrrp)
        self._behind_since = _since(self._behind_since, now, lasts=is_behind)
        self._heard_since = _since(self._heard_since, now, lasts=hears_owner is True)
        is_news = self._reported.said_at > owner_since + REPORTED_LATER_S if owner_since is not None else False
        if self.is_yielding:
            is_healing = self._heard_since is not None and now - self._heard_since < HEARD_FOR_S
            # That neighbours answer again is no reason to take the virtual IPs from a router that serves.
            is_served = rival is not None and (rival["reaches"] is not False or reaches is False)
            if is_served or is_healing:
                # Something else may have set the step meanwhile.
                self._keepalived.set_step(GIVE_UP)
            else:
                self._take_part(name, is_heard=hears_owner is True, step=step_after)
        elif is_news and self._is_sure(owner_since, now):
            self._yield(name, is_cut_off=reaches is False)
        self._go_ahead(
            name, is_ahead=rival is not None and not is_behind and is_news, is_owner=owner_since is not None
        )

    def _yield(self, name: str, *, is_cut_off: bool) -> None:
        self.is_yielding = True
        cut_off = ", and no neighbour answers this router" if is_cut_off else ""
        self._events.record(
            f"{name} reports that it has the virtual IPs, too, neither hears the other{cut_off}: this router "
            "steps down. Check the network between them."
        )
        self._keepalived.set_step(GIVE_UP)

    def _take_part(self, name: str, *, is_heard: bool, step: int) -> None:
        self.is_yielding = False
        why = "is heard again" if is_heard else "no longer has them, or is cut off itself"
        self._events.record(f"this router takes part again: {name} {why}")
        self._keepalived.set_step(step)

    def _go_ahead(self, name: str, *, is_ahead: bool, is_owner: bool) -> None:
        if is_ahead is self._is_ahead:
            return
        self._is_ahead = is_ahead
        if is_ahead:
            self._events.record(
                f"{name} reports that it has the virtual IPs, too, and neither hears the other: this router keeps "
                "them. Check the network between them."
            )
        if is_owner:
            # Clients believe the last announcement, which may be from the router that yields, or has yielded.
            self._announce_again()

    def _rival(self) -> "PartnerSummary | None":
        """Return the partner's report if it is the owner and does not hear this router."""
        word = self._reported.now
        is_rival = word is not None and word["has_addresses"] is True and word["hears_owner"] is False
        return word if is_rival else None

    def _is_sure(self, owner_since: float | None, now: float) -> bool:
        if owner_since is None or self._behind_since is None:
            return False
        return now - owner_since > TWO_FOR_S and now - self._behind_since > BEHIND_FOR_S


def _since(before: float | None, now: float, *, lasts: bool) -> float | None:
    """Return since when something lasts; None: it does not."""
    if not lasts:
        return None
    return now if before is None else before


def _rank(reaches: bool | None, vrrp: Vrrp) -> tuple[bool, bool]:
    return reaches is not False, vrrp.priority == PRIORITIES[Side.PRIMARY]


def _rank_of(word: "PartnerSummary", vrrp: Vrrp) -> tuple[bool, bool]:
    return word["reaches"] is not False, vrrp.priority != PRIORITIES[Side.PRIMARY]
