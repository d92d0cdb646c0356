"""Runs this router's half of a pair: keepalived decides which router owns the virtual IPs, pulse follows it."""

import asyncio
import logging
import socket
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.host.ipvs.sync_priming import end_priming
from app.host.ipvs.table import IPVS
from app.host.keepalived import GIVE_UP, Keepalived
from app.host.network.link import AddressNotice, Notice
from app.lvs.model.config import Config
from app.lvs.pair.membership import Alone
from app.lvs.pair.vrrp import is_marker, takes_over_ms
from app.lvs.reports.pair import PairReport, SwitchReport
from app.pulse.addresses.keeper import AddressKeeper
from app.pulse.events.log import EventLog
from app.pulse.pair.partner_events import PartnerEvents
from app.pulse.pair.preemption import PreemptDelay
from app.pulse.pair.role_keeper import RoleKeeper
from app.pulse.pair.split_brain_guard import SplitBrainGuard
from app.pulse.pair.startup import until_ready
from app.pulse.pair.state import PairState
from app.pulse.pair.switchover import Switchover, refusal
from app.pulse.process.control import VerbRefused, read_arguments
from app.pulse.process.owned import OwnedState
from app.pulse.vrrp.adverts import AdvertListener
from app.pulse.vrrp.clock_watch import ClockWatch
from app.pulse.vrrp.events import PairEvents
from app.pulse.vrrp.fault_watch import FaultWatch
from app.pulse.vrrp.keepalived_supervisor import KeepalivedSupervisor
from app.pulse.vrrp.membership import PlaceFinder
from app.pulse.vrrp.partner_status import ReportedPartner

TICK_S = 0.5

log = logging.getLogger("pulse")


@dataclass(frozen=True, slots=True)
class SwitchArguments:
    """The argument of the verb "switch": whether to switch to a partner that is not ready, too."""

    anyway: bool = False


class PairKeeper:
    """Joins the parts of a pair and polls them. `start` has to be called on the loop.

    While there is a pair it polls every half second, and immediately when the marker address appears on the
    loopback or disappears, when keepalived ends, and when the partner starts to advertise as the owner.
    """

    def __init__(
        self,
        directory: Path,
        addresses: AddressKeeper,
        memory: OwnedState,
        events: EventLog,
        first_results: Callable[[float], Awaitable[None]],
        connections: Callable[[], int | None],
    ) -> None:
        self._interfaces = addresses.interfaces
        self._addresses = addresses
        self._first_results = first_results
        self._wakes = asyncio.Event()
        self._ipvs: IPVS | None = None
        self._is_ready = False
        self._placed_at = -1
        self.state = PairState()
        self._places = PlaceFinder(memory, addresses.interfaces)
        self._keepalived = KeepalivedSupervisor(Keepalived(directory), self._poll_soon)
        self._partner = AdvertListener(self._poll_soon)
        self.events = PairEvents(events)
        self._guard = SplitBrainGuard(
            self.state, self._keepalived, self._partner, self.events, addresses, self._poll_soon
        )
        reported = self._guard.reported_partner
        self._preempt_delay = PreemptDelay(self._keepalived, reported, self.events, connections)
        self._switchover = Switchover(self._keepalived, self._partner, reported, self.events, connections)
        self._role = RoleKeeper(
            self.state,
            self._keepalived,
            self._partner,
            self._guard,
            self._preempt_delay,
            self.events,
            addresses,
        )
        self._faults = FaultWatch(addresses.interfaces.devices)
        self._clock = ClockWatch()
        self._partner_events = PartnerEvents(self.events)
        self._busy = asyncio.Lock()
        self._polling: asyncio.Task[None] | None = None
        self._preparing: asyncio.Task[None] | None = None
        self._unsubscribe: Callable[[], None] | None = None

    def start(self) -> None:
        """Start to watch the network, and adopt a keepalived that is running."""
        end_priming()
        self._unsubscribe = self._addresses.interfaces.subscribe(self._on_notice)
        self._keepalived.adopt()

    async def apply_config(self, config: Config, ipvs: IPVS) -> None:
        """Take the part in the pair that `config` gives this router; the table is that of `config` already."""
        self._ipvs = ipvs
        self._find_place(config)
        if self._polling is None and (self.state.is_configured or self._keepalived.is_running):
            self._polling = asyncio.get_running_loop().create_task(self._run())
        if self.state.is_paired and not self._is_ready and self._preparing is None:
            self._preparing = asyncio.get_running_loop().create_task(self._prepare())
        await self._poll()

    def set_obstacle(self, obstacle: str) -> None:
        """Take no part in the pair while there is an `obstacle`, which is said; empty: take part."""
        if obstacle != self.state.obstacle:
            self.state.obstacle = obstacle
            self._poll_soon()

    async def stand_aside(self) -> None:
        """Take no part before any configuration is applied, with a keepalived that an earlier pulse has left.

        That of the owner goes on, as what it has left in the kernel does: it serves. Once another router owns the
        virtual IPs, those of this one are removed. Raises OSError.
        """
        if self.state.config is not None or not self._keepalived.is_running:
            return
        async with self._busy:
            await self._interfaces.start()
            loopback = [device for device in self._interfaces.devices() if device.name == "lo"]
            if not any(is_marker(found.address) for device in loopback for found in device.addresses):
                await self._keepalived.run(None)
                await self._addresses.withdraw()

    async def leave(self, *, withdraws: bool) -> None:
        """Stop polling; with `withdraws` the virtual router is given up, otherwise keepalived runs on."""
        for task in (self._polling, self._preparing):
            if task is not None:
                task.cancel()
        if self.state.is_paired:
            left = "the partner may take the virtual IPs" if withdraws else "the owner keeps the virtual IPs"
            self.events.record(f"pulse is being stopped on this router: {left}")
        if withdraws and self._keepalived.is_running:
            self._keepalived.set_step(GIVE_UP)
            await self._keepalived.run(None)
        self._partner.stop()
        self._guard.stop()
        if self._unsubscribe is not None:
            self._unsubscribe()

    async def switch(self, arguments: Mapping[str, Any]) -> SwitchReport:
        """Hand the virtual IPs to the partner; if it does not take them, this router keeps them.

        A partner that is not ready gets them only with "anyway" in `arguments`.
        """
        state, is_forced = self.state, read_arguments(arguments, SwitchArguments).anyway
        if self.events.role != "owner" or not state.is_paired:
            raise VerbRefused(
                "This router does not have the virtual IPs: press SWITCH on the page of the router that has them."
            )
        if self._switchover.is_under_way:
            raise VerbRefused("A switch is already in progress: reload the page to see its result.")
        self._switchover.is_under_way = True
        partner, syncs = state.partner_name, state.is_syncing
        try:
            if not is_forced:
                found = await self._switchover.make_ready(partner, syncs=syncs)
                if found:
                    return refusal(found)
            # A router that preempts by its priority must not do so now.
            step_after = state.step_down if self._keepalived.may_preempt else 0
            report = await self._switchover.move(partner, state.silence_s, step_after)
        finally:
            self._switchover.is_under_way = False
        await self._poll()
        return report

    def report(self) -> PairReport | None:
        """Return this router's view of the pair; None: there is none."""
        state = self.state
        if isinstance(state.membership, Alone) and not state.membership.stands_by:
            return None
        pair, claimed_at = state.pair, self._partner.claimed_at
        is_owner = pair is not None and self.events.role == "owner"
        return {
            "role": self.events.role,
            "side": pair.side.value if pair else "",
            "own": str(pair.own) if pair else "",
            "partner": str(pair.partner) if pair else "",
            "since": self.events.since,
            "last": self.events.last,
            "trouble": self._role.trouble,
            "heard_at": time.time() - (_now() - claimed_at) if claimed_at > 0 else None,
            "takes_over_ms": takes_over_ms(state.config, pair.side.other) if pair and state.config else 0,
            "has_stepped_back": self._keepalived.step() < 0 and self._preempt_delay.report() is None,
            "reaches": self._guard.is_reaching,
            "strangers": self._partner.foreign_routers(),
            "sync": self._role.sync_report(),
            "owners": self._guard.report(),
            "story": self.events.story(),
            "take_back": self._preempt_delay.report(),
            "switchable": self._switchover.report(state.partner_name, syncs=state.is_syncing)
            if is_owner
            else None,
        }

    @property
    def reported_partner(self) -> ReportedPartner:
        """What the partner reports about itself over the connection between the two routers."""
        return self._guard.reported_partner

    async def _prepare(self) -> None:
        self.events.record("pulse starts to take part in the pair on this router")
        await until_ready(self._first_results, self._addresses, self._partner)
        self._is_ready = True
        self._poll_soon()

    async def _run(self) -> None:
        try:
            while self.state.is_configured or self._keepalived.is_running:
                self._wakes.clear()
                with suppress(TimeoutError):
                    async with asyncio.timeout(TICK_S):
                        await self._wakes.wait()
                try:
                    await self._poll()
                except OSError as error:
                    log.error("cannot follow the pair: %s", error.strerror)
        finally:
            self._polling = None

    async def _poll(self) -> None:
        # Two polls at the same time would start two keepalived processes.
        async with self._busy:
            await self._poll_once()

    async def _poll_once(self) -> None:
        if self.state.config is not None and self._interfaces.revision != self._placed_at:
            self._find_place(self.state.config)
        self._follow_interface()
        await self._run_keepalived()
        self._guard.settle(_now(), self._preempt_step)
        await self._role.follow(self._ipvs, _now(), is_switching=self._switchover.is_under_way)
        self._report_news()
        self._guard.poll(_now(), role=self.events.role, is_switching=self._switchover.is_under_way)

    def _find_place(self, config: Config) -> None:
        self._placed_at = self._interfaces.revision
        self.state.apply_config(config, self._places.find(config), _now())

    async def _run_keepalived(self) -> None:
        keepalived = self._keepalived
        wanted = self.state.wanted_vrrp(_now())
        if wanted is not None and self.state.is_paired and not keepalived.is_running and self._is_ready:
            # The step that a planned switch or a stop has left in the file was for the previous keepalived.
            keepalived.set_step(self._guard.first_step(self._preempt_step))
        if wanted is None or self._is_ready or keepalived.is_running:
            await keepalived.run(wanted)

    def _follow_interface(self) -> None:
        vrrp = self.state.active_vrrp
        index = 0
        if vrrp is not None:
            with suppress(OSError):
                index = socket.if_nametoindex(vrrp.interface)
        if self._faults.is_recreated(index):
            self._keepalived.restart(f"{vrrp.interface if vrrp else ''} was recreated")
        self._partner.watch(vrrp, index)
        answer = None if self._keepalived.step() == GIVE_UP else self._keepalived.answer
        if vrrp is not None and self._faults.is_stuck(vrrp, answer, _now()):
            self._keepalived.restart("it considers an interface down that is up")

    @property
    def _preempt_step(self) -> int:
        return self._preempt_delay.first_step(self.state.config, self.state.membership)

    def _report_news(self) -> None:
        if self._keepalived.unsaid_end:
            self.events.record(f"keepalived is being restarted: {self._keepalived.unsaid_end}")
            self._keepalived.unsaid_end = ""
        if (jump := self._clock.jump()) and self.state.is_paired:
            self.events.record_aside(jump)
        partner = self.state.partner_name if self.state.is_paired else ""
        self._partner_events.report_changes(self.reported_partner, partner)

    def _on_notice(self, notice: Notice) -> None:
        if not isinstance(notice, AddressNotice):
            self._poll_soon()
        elif self.state.vrrp is not None and notice.address.address == self.state.vrrp.marker:
            self.state.on_marker(_now(), is_there=not notice.is_gone)
            self._poll_soon()
        elif self.state.is_public(notice.address.address):
            # Its place depends on it, and keepalived must not decide anything without.
            self._poll_soon()

    def _poll_soon(self) -> None:
        self._wakes.set()


def _now() -> float:
    return asyncio.get_running_loop().time()
