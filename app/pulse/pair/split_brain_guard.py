"""Handles a split brain: what detects that both routers have the virtual IPs, and what makes one step down."""

from collections.abc import Callable

from app.lvs.pair.one_way import Claims, OneWayLoss, are_two_owners
from app.lvs.reports.pair import OwnersReport, Role
from app.pulse.addresses.keeper import AddressKeeper
from app.pulse.pair.state import PairState
from app.pulse.split_brain.partition import Partition
from app.pulse.split_brain.witnesses import Witnesses
from app.pulse.vrrp.adverts import AdvertListener
from app.pulse.vrrp.events import PairEvents
from app.pulse.vrrp.keepalived_supervisor import KeepalivedSupervisor
from app.pulse.vrrp.partner_status import ReportedPartner


class SplitBrainGuard:
    """The one owner of the witnesses and of both ways to step down. Calls `changed` when a witness answers."""

    def __init__(
        self,
        state: PairState,
        keepalived: KeepalivedSupervisor,
        partner: AdvertListener,
        events: PairEvents,
        addresses: AddressKeeper,
        changed: Callable[[], None],
    ) -> None:
        self._state = state
        self._keepalived = keepalived
        self._partner = partner
        self._events = events
        self._addresses = addresses
        devices = addresses.interfaces.devices
        self._one_way = OneWayLoss()
        self._witnesses = Witnesses(partner, events, changed, devices)
        self._partition = Partition(keepalived, self.reported_partner, events, addresses.announce_again, devices)

    @property
    def reported_partner(self) -> ReportedPartner:
        """What the partner reports about itself over the connection between the two routers."""
        return self._witnesses.reported

    @property
    def is_deaf(self) -> bool:
        """Whether this router has stepped down because the partner does not hear it."""
        return self._one_way.is_deaf

    @property
    def is_yielding(self) -> bool:
        """Whether this router has stepped down for a partner that it does not hear."""
        return self._partition.is_yielding

    @property
    def has_two_owners(self) -> bool:
        """Whether both routers own the virtual IPs, by anything that is known."""
        return self._partner.is_claiming or self._witnesses.dispute == "two"

    @property
    def is_elsewhere(self) -> bool:
        """Whether another router has the virtual IPs, by what it reports itself, else by the network."""
        return self._witnesses.is_elsewhere

    @property
    def is_reaching(self) -> bool | None:
        """Whether any neighbour answers this router; None: unknown."""
        return self._partition.reachability.somebody

    def are_two_owners(self, now: float) -> bool:
        """Return whether both routers have advertised as the owner for too long to be a transition."""
        partner, vrrp = self._partner, self._state.vrrp
        claimed = partner.claims_since if partner.is_claiming else None
        claims = Claims(self._state.owner_since, claimed, partner.priority)
        return vrrp is not None and are_two_owners(vrrp, claims, now)

    def first_step(self, preempt_step: int) -> int:
        """Return the priority step to start with; `preempt_step` applies unless this router has stepped down."""
        return self._state.step_down if self._one_way.is_deaf else preempt_step

    def settle(self, now: float, preempt_step: int) -> None:
        """Step down from two owners, or take part again with `first_step`."""
        state = self._state
        self._settle_one_way(now)
        vrrp = state.active_vrrp
        self._partition.reachability.tick(
            vrrp.interface if vrrp else "", state.neighbours if vrrp is not None else {}
        )
        self._partition.settle(
            vrrp,
            state.partner_name,
            state.owner_since,
            now,
            hears_owner=self._partner.hears_owner,
            step_after=self.first_step(preempt_step),
        )

    def _settle_one_way(self, now: float) -> None:
        state, again_s = self._state, self._one_way.tries_again_s
        is_answering, are_two = self._keepalived.is_answering, self.are_two_owners(now)
        step = self._one_way.next_step(state.step_down, now, are_two=are_two, is_answering=is_answering)
        if step:
            self._events.record(
                f"{state.partner_name} advertises that it has the virtual IPs and does not hear that this router "
                f"has them: this router steps down and tries again after {again_s:.0f} s. Check the network."
            )
        if step is not None:
            self._keepalived.set_step(step)

    def poll(self, now: float, *, role: Role, is_switching: bool) -> None:
        """Ask the witnesses."""
        self._witnesses.poll(
            self._addresses.wanted if self._state.is_configured else (),
            self._state.partner_name,
            now,
            has_any=self._addresses.has_any,
            role=role,
            is_switching=is_switching,
            silence_s=self._state.silence_s,
        )

    def report(self) -> OwnersReport:
        """Return which router has the virtual IPs according to each witness, and what is wrong."""
        return self._witnesses.report()

    def stop(self) -> None:
        """Stop asking."""
        self._witnesses.stop()
        self._partition.reachability.stop()
