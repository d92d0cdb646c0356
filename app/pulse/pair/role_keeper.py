"""Evaluates this router's role, and brings the virtual IPs, the sync daemon and the priority in line with it.

What follows from what is seen is decided in `app.lvs.pair.role`.
"""

from app.host.ipvs.table import IPVS
from app.host.keepalived import GIVE_UP
from app.lvs.pair.membership import NoPlace
from app.lvs.pair.role import Claim, PairWords, Sight, judge
from app.lvs.reports.pair import SyncReport
from app.pulse.addresses.keeper import AddressKeeper
from app.pulse.pair.preemption import PreemptDelay
from app.pulse.pair.split_brain_guard import SplitBrainGuard
from app.pulse.pair.state import PairState
from app.pulse.split_brain.reannounce import Reannouncer
from app.pulse.vrrp.adverts import AdvertListener
from app.pulse.vrrp.events import PairEvents
from app.pulse.vrrp.keepalived_supervisor import KeepalivedSupervisor
from app.pulse.vrrp.sync_daemon import SyncDaemons, sync_role


class RoleKeeper:
    """The one owner of the role."""

    def __init__(
        self,
        state: PairState,
        keepalived: KeepalivedSupervisor,
        partner: AdvertListener,
        guard: SplitBrainGuard,
        preempt_delay: PreemptDelay,
        events: PairEvents,
        addresses: AddressKeeper,
    ) -> None:
        self._state = state
        self._keepalived = keepalived
        self._partner = partner
        self._guard = guard
        self._preempt_delay = preempt_delay
        self._events = events
        self._addresses = addresses
        self._sync = SyncDaemons(addresses.interface)
        self._reannouncer = Reannouncer(partner, addresses.announce_again)

    async def follow(self, ipvs: IPVS | None, now: float, *, is_switching: bool) -> None:
        """Take the role that is due now; `is_switching`: a planned switch is in progress."""
        state = self._state
        role, claim = judge(self._sight(now))
        has_claim_changed = self._addresses.claim(claim, has_partner=state.is_paired)
        if role != self._events.role:
            self._events.set_role(role, self._words().sentence(role))
        is_intended = self._guard.is_deaf or self._guard.is_yielding or is_switching
        if role == "owner" and self._keepalived.step() < 0 and not is_intended:
            # No other router took over, so what was given up is this router's again.
            self._keepalived.set_step(0)
        self._report_foreign_routers()
        self._preempt_delay.advance(state.config, state.membership, role)
        if ipvs is not None and state.config is not None:
            # Who is to leave its clients to the partner tells it of their connections up to the end.
            is_leaving = claim is Claim.HOLD and role in ("unplaced", "fault") and self._addresses.has_any
            self._sync.apply_role(ipvs, state.config, "master" if is_leaving else sync_role(role))
        if has_claim_changed:
            await self._addresses.converge()
        self._reannouncer.on_role(state.vrrp, role, are_two=self._guard.has_two_owners)

    @property
    def trouble(self) -> str:
        """Why this router cannot take part in the pair as it should; empty: it can."""
        if isinstance(self._state.membership, NoPlace):
            return self._state.membership.reason
        if self._state.obstacle:
            return self._state.obstacle
        return self._keepalived.trouble or self._partner.trouble

    def sync_report(self) -> SyncReport:
        """Return the role of the sync daemon, and why it does not run."""
        return self._sync.report()

    def _sight(self, now: float) -> Sight:
        keepalived, answer = self._keepalived, self._keepalived.answer
        has_given_up = keepalived.step() == GIVE_UP
        return Sight(
            place=self._state.membership,
            is_running=keepalived.is_at_work,
            has_marker=self._state.has_marker,
            is_unusable=not keepalived.is_running and bool(keepalived.trouble),
            is_fault=keepalived.is_running and (has_given_up or (answer is not None and answer.is_fault)),
            is_ready=answer is not None and answer.is_taking_part,
            heard_for_s=keepalived.taking_part_s,
            silence_s=self._state.silence_s,
            is_claimed=self._partner.is_claiming,
            are_two=self._guard.are_two_owners(now),
            is_yielding=self._guard.is_yielding,
            is_disqualified=bool(self._state.obstacle),
            is_elsewhere=self._guard.is_elsewhere,
        )

    def _words(self) -> PairWords:
        return PairWords(
            partner=self._state.partner_name,
            has_spoken=self._partner.claimed_at > 0,
            has_given_up=self._partner.has_given_up,
            is_giving_up=self._keepalived.step() == GIVE_UP,
            trouble=self.trouble,
            is_disqualified=bool(self._state.obstacle),
        )

    def _report_foreign_routers(self) -> None:
        vrrp = self._state.vrrp
        if vrrp is not None:
            foreign = self._partner.foreign_routers()
            self._events.set_foreign_routers(foreign, vrrp.router_id, is_unicast=vrrp.is_unicast)
