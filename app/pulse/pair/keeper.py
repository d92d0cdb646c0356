"""Runs this router's half of a pair: keepalived says who has the virtual IPs, and they and the sync daemon follow.

What follows from what is seen is decided in `app.lvs.pair.role`; here is what is seen, and what is done about it.
"""

import asyncio
import logging
import socket
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from app.host.ipvs.sync_priming import end_priming
from app.host.ipvs.table import IPVS
from app.host.keepalived import GIVE_UP, Keepalived
from app.host.network.link_watch import AddressNotice, LinkWatch
from app.lvs.keywords.table import effective
from app.lvs.model.config import Config
from app.lvs.model.values import Address
from app.lvs.pair.membership import Alone, Membership, NoPlace, Pair
from app.lvs.pair.role import PairWords, Sight, judge
from app.lvs.pair.vrrp import GIVEN_WAY_STEPS, Vrrp, silence_ms, takes_over_ms
from app.lvs.reports.pair import PairReport, SwitchReport
from app.pulse.addresses.keeper import AddressKeeper
from app.pulse.events.log import EventLog
from app.pulse.pair.partner_events import PartnerEvents
from app.pulse.pair.preemption import PreemptDelay
from app.pulse.pair.startup import until_ready
from app.pulse.pair.switchover import Switchover, refusal
from app.pulse.process.control import VerbRefused
from app.pulse.process.owned import OwnedState
from app.pulse.split_brain.one_way import OneWayLoss
from app.pulse.split_brain.partition import Partition
from app.pulse.split_brain.reannounce import Reannouncer
from app.pulse.split_brain.witnesses import Witnesses
from app.pulse.vrrp.adverts import AdvertListener
from app.pulse.vrrp.clock_watch import ClockWatch
from app.pulse.vrrp.events import PairEvents
from app.pulse.vrrp.fault_watch import FaultWatch
from app.pulse.vrrp.keepalived_supervisor import KeepalivedSupervisor
from app.pulse.vrrp.membership import find_place
from app.pulse.vrrp.partner_status import ReportedPartner
from app.pulse.vrrp.sync_daemon import SyncDaemons, sync_role

TICK_S = 0.5
SETTLES_S = 1.0
"""Beyond the silence after which it takes over, a keepalived that has just started may need so long."""
LINGERS_S = 10.0
"""A pair that is switched off is told to the partner so late: by then it has the same configuration."""

log = logging.getLogger("pulse")


class PairKeeper:
    """The one owner of the role. Enter it on the loop with `start`.

    It looks every half second while there is a pair, and at once when the sign comes or goes on the loopback, when
    keepalived ends, and when the partner begins to say that it is the owner.
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
        self._addresses = addresses
        self._memory = memory
        self._first_results = first_results
        self._engine = KeepalivedSupervisor(Keepalived(directory), self._look_soon)
        self._partner = AdvertListener(self._look_soon)
        self._sync = SyncDaemons()
        self._fault = FaultWatch()
        self._config: Config | None = None
        self._ipvs: IPVS | None = None
        self._place: Membership = Alone()
        self._vrrp: Vrrp | None = None
        self._neighbours: dict[Address, Address] = {}
        self._has_sign = False
        self._sign_at = 0.0
        self._is_ready = False
        self._lingers_until = 0.0
        self._tell = PairEvents(events)
        self._two = OneWayLoss(self._engine, self._partner, self._tell)
        self._clock = ClockWatch()
        self._news = PartnerEvents(self._tell)
        self._owners = Witnesses(self._partner, self._tell, self._look_soon)
        self._partition = Partition(self._engine, self.said, self._tell, addresses.announce_again)
        self._switching = Switchover(self._engine, self._partner, self.said, self._tell, connections)
        self._take_back = PreemptDelay(self._engine, self.said, self._tell, connections)
        self._last_word = Reannouncer(self._partner, addresses.announce_again)
        self._wakes = asyncio.Event()
        self._busy = asyncio.Lock()
        self._looking: asyncio.Task[None] | None = None
        self._readying: asyncio.Task[None] | None = None
        self._watch: LinkWatch | None = None

    def start(self) -> None:
        """Begin to watch; `follow` says for whom."""
        end_priming()
        self._watch = LinkWatch()
        asyncio.get_running_loop().add_reader(self._watch.fileno(), self._on_netlink, self._watch)
        self._engine.adopt()

    async def apply_config(self, config: Config, ipvs: IPVS) -> None:
        """Take the place `config` gives this router from now on. The table is that of `config` by now."""
        self._config, self._ipvs = config, ipvs
        self._place_anew(config)
        if self._looking is None and (self._is_paired or self._engine.is_running):
            self._looking = asyncio.get_running_loop().create_task(self._run())
        if self._is_paired and not self._is_ready and self._readying is None:
            self._readying = asyncio.get_running_loop().create_task(self._make_ready())
        await self._poll()

    async def leave(self, *, withdraws: bool) -> None:
        """Stop looking; with `withdraws` the virtual router is given up, else keepalived goes on by itself."""
        for task in (self._looking, self._readying):
            if task is not None:
                task.cancel()
        if self._is_paired:
            left = "the partner may have the virtual IPs" if withdraws else "who has the virtual IPs keeps them"
            self._tell.say(f"pulse is being stopped on this router: {left}")
        if withdraws and self._engine.is_running:
            self._engine.set_step(GIVE_UP)
            await self._engine.run(None)
        self._partner.stop()
        self._owners.stop()
        self._partition.reachability.stop()
        if self._watch is not None:
            asyncio.get_running_loop().remove_reader(self._watch.fileno())
            self._watch.close()

    async def switch(self, arguments: Mapping[str, Any]) -> SwitchReport:
        """Hand the virtual IPs to the partner; what it does not take is taken back.

        A partner that is not ready is handed them only with "anyway" in the question.
        """
        if self._tell.role != "owner" or not isinstance(self._place, Pair):
            raise VerbRefused(
                "This router does not have the virtual IPs: press SWITCH on the page of the one that has them."
            )
        if self._switching.is_under_way:
            raise VerbRefused("A switch is under way: look at the page again.")
        self._switching.is_under_way = True
        partner, syncs = self._partner_name, self._syncs
        try:
            if arguments.get("anyway") is not True:
                found = await self._switching.make_ready(partner, syncs=syncs)
                if found:
                    return refusal(found)
            # One that takes back by its priority must not do so now.
            is_preempting = self._vrrp is not None and self._vrrp.is_preempting
            report = await self._switching.move(partner, self._silence_s, self._given_way if is_preempting else 0)
        finally:
            self._switching.is_under_way = False
        await self._poll()
        return report

    def report(self) -> PairReport | None:
        """Return this router's view of the pair; None: there is none."""
        if isinstance(self._place, Alone) and not self._place.stands_by:
            return None
        pair = self._place if isinstance(self._place, Pair) else None
        config, claimed_at = self._config, self._partner.claimed_at
        is_owner = pair is not None and self._tell.role == "owner"
        return {
            "role": self._tell.role,
            "side": pair.side.value if pair else "",
            "own": str(pair.own) if pair else "",
            "partner": str(pair.partner) if pair else "",
            "since": self._tell.since,
            "last": self._tell.last,
            "trouble": self._trouble(),
            "heard_at": time.time() - (_now() - claimed_at) if claimed_at > 0 else None,
            "takes_over_ms": takes_over_ms(config, pair.side.other) if pair and config else 0,
            "has_stepped_back": self._engine.step() < 0 and self._take_back.report() is None,
            "reaches": self._partition.reachability.somebody,
            "strangers": self._partner.strangers(),
            "sync": self._sync.report(),
            "owners": self._owners.report(),
            "story": self._tell.story(),
            "take_back": self._take_back.report(),
            "switchable": self._switching.report(self._partner_name, syncs=self._syncs) if is_owner else None,
        }

    @property
    def said(self) -> ReportedPartner:
        """What the partner says of itself over the connection of the two."""
        return self._owners.said

    @property
    def _is_paired(self) -> bool:
        return isinstance(self._place, Pair)

    @property
    def _syncs(self) -> bool:
        return self._config is not None and bool(effective(self._config, "syncdaemon"))

    @property
    def _given_way(self) -> int:
        """The step of a router that is below any that has not given way."""
        return GIVEN_WAY_STEPS[self._place.side] if isinstance(self._place, Pair) else 0

    def _place_anew(self, config: Config) -> None:
        found = find_place(config, self._memory)
        was_paired, self._place = self._is_paired, found.place
        self._neighbours = found.neighbours
        if found.vrrp is not None:
            self._vrrp = found.vrrp
        elif was_paired and not isinstance(self._place, NoPlace):
            self._lingers_until = _now() + LINGERS_S
            self._vrrp = None if isinstance(self._place, Alone) and self._place.stands_by else self._vrrp
        if self._vrrp is not None:
            self._has_sign = self._vrrp.sign in found.loopback

    async def _make_ready(self) -> None:
        self._tell.say("pulse takes this router's part in the pair")
        await until_ready(self._first_results, self._addresses, self._partner)
        self._is_ready = True
        self._look_soon()

    async def _run(self) -> None:
        try:
            while self._is_paired or self._engine.is_running:
                self._wakes.clear()
                with suppress(TimeoutError):
                    async with asyncio.timeout(TICK_S):
                        await self._wakes.wait()
                try:
                    await self._poll()
                except OSError as error:
                    log.error("cannot look after the pair: %s", error.strerror)
        finally:
            self._looking = None

    async def _poll(self) -> None:
        # Whoever comes while another look waits for keepalived would start a second one.
        async with self._busy:
            await self._look_alone()

    async def _look_alone(self) -> None:
        self._follow_interface()
        wanted = self._wanted_vrrp()
        if wanted is not None and self._is_paired and not self._engine.is_running and self._is_ready:
            # What a planned switch or a stop has left in the file is over with the keepalived it was for.
            self._engine.set_step(self._first_step)
        if wanted is None or self._is_ready or self._engine.is_running:
            await self._engine.run(wanted)
        self._two.settle(self._partner_name, self._given_way, _now(), are_two=self._are_two_owners)
        self._settle_partition()
        await self._take_role()
        self._look_around()

    def _wanted_vrrp(self) -> Vrrp | None:
        if isinstance(self._place, NoPlace):
            return self._vrrp if self._engine.is_running else None
        if self._is_paired:
            return self._vrrp
        # Told at once, the partner would take what this router keeps.
        return self._vrrp if self._has_sign and _now() < self._lingers_until else None

    def _follow_interface(self) -> None:
        vrrp = self._vrrp if self._is_paired else None
        index = 0
        if vrrp is not None:
            with suppress(OSError):
                index = socket.if_nametoindex(vrrp.interface)
        if self._fault.is_made_anew(index):
            self._engine.restart(f"{vrrp.interface if vrrp else ''} was made anew")
        self._partner.watch(vrrp, index)
        answer = None if self._engine.step() == GIVE_UP else self._engine.answer
        if vrrp is not None and self._fault.is_stuck(vrrp, answer, _now()):
            self._engine.restart("it takes an interface for down that is up")

    def _settle_partition(self) -> None:
        vrrp = self._vrrp if self._is_paired else None
        self._partition.reachability.tick(vrrp.interface if vrrp else "", self._neighbours if vrrp else {})
        sight = (vrrp, self._partner_name, self._owner_since, _now())
        self._partition.settle(*sight, hears_owner=self._partner.hears_owner, step_after=self._first_step)

    @property
    def _first_step(self) -> int:
        """What is added to the priority of a router that begins to take part."""
        first = self._take_back.first_step(self._config, self._place)
        return self._given_way if self._two.is_deaf else first

    @property
    def _owner_since(self) -> float | None:
        return self._sign_at if self._has_sign else None

    @property
    def _are_two_owners(self) -> bool:
        return self._two.are_two(self._vrrp, self._owner_since, _now())

    async def _take_role(self) -> None:
        role, claim = judge(self._sight())
        is_other = self._addresses.claim(claim, has_partner=self._is_paired)
        if role != self._tell.role:
            self._tell.role_is(role, self._words().sentence(role))
        is_meant = self._two.is_deaf or self._partition.is_yielding or self._switching.is_under_way
        if role == "owner" and self._engine.step() < 0 and not is_meant:
            # Nobody else took it: what was given away is this router's again.
            self._engine.set_step(0)
        self._follow_strangers()
        self._take_back.advance(self._config, self._place, role)
        if self._ipvs is not None and self._config is not None:
            self._sync.apply_role(self._ipvs, self._config, sync_role(role))
        if is_other:
            await self._addresses.converge()
        are_two = self._partner.is_claiming or self._owners.dispute == "two"
        self._last_word.on_role(self._vrrp, role, are_two=are_two)

    def _sight(self) -> Sight:
        engine, answer = self._engine, self._engine.answer
        return Sight(
            place=self._place,
            is_running=engine.is_at_work,
            has_sign=self._has_sign,
            is_unusable=not engine.is_running and bool(engine.trouble),
            is_fault=engine.is_running and (engine.step() == GIVE_UP or (answer is not None and answer.is_fault)),
            is_settling=self._is_settling,
            is_ready=answer is not None and answer.is_taking_part,
            is_claimed=self._partner.is_claiming,
            are_two=self._are_two_owners,
            is_yielding=self._partition.is_yielding,
        )

    @property
    def _is_settling(self) -> bool:
        if not self._engine.is_at_work:
            return True
        return time.monotonic() - self._engine.started_at < self._silence_s + SETTLES_S

    @property
    def _silence_s(self) -> float:
        return silence_ms(self._vrrp.advert_ms, self._vrrp.priority) / 1000 if self._vrrp is not None else 0.0

    def _follow_strangers(self) -> None:
        if self._vrrp is not None:
            self._tell.strangers_are(
                self._partner.strangers(), self._vrrp.router_id, is_unicast=self._vrrp.is_unicast
            )

    def _look_around(self) -> None:
        if self._engine.unsaid_end:
            self._tell.say(f"keepalived is started again: {self._engine.unsaid_end}")
            self._engine.unsaid_end = ""
        if (jump := self._clock.jump()) and self._is_paired:
            self._tell.add(jump)
        self._news.report_changes(self._owners.said, self._partner_name if self._is_paired else "")
        self._owners.poll(
            self._addresses.wanted if self._is_paired else (),
            self._partner_name,
            _now(),
            has_any=self._addresses.has_any,
            role=self._tell.role,
            is_switching=self._switching.is_under_way,
            silence_s=self._silence_s,
        )

    def _words(self) -> PairWords:
        return PairWords(
            partner=self._partner_name,
            has_spoken=self._partner.claimed_at > 0,
            has_given_up=self._partner.has_given_up,
            is_giving_up=self._engine.step() == GIVE_UP,
            trouble=self._trouble(),
        )

    @property
    def _partner_name(self) -> str:
        return str(self._place.partner) if isinstance(self._place, Pair) else "the partner"

    def _trouble(self) -> str:
        if isinstance(self._place, NoPlace):
            return self._place.reason
        return self._engine.trouble or self._partner.trouble

    def _on_netlink(self, watch: LinkWatch) -> None:
        for notice in watch.notices():
            if not isinstance(notice, AddressNotice):
                self._look_soon()
            elif self._vrrp is not None and notice.address.address == self._vrrp.sign:
                self._has_sign, self._sign_at = not notice.is_gone, _now()
                self._look_soon()

    def _look_soon(self) -> None:
        self._wakes.set()


def _now() -> float:
    return asyncio.get_running_loop().time()
