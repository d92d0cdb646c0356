"""Keeps the virtual IPs up that the configuration wants, announces them, and takes down those it added itself."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from types import TracebackType
from typing import Self

from app.host.netlink.route_frames import LinkAddress
from app.host.network.addresses import Addresses, AddressFailed, AddressState, holder_of, label_of
from app.host.network.link_watch import AddressNotice, LinkNotice, LinkWatch, Notice
from app.lvs.desired.addresses import VirtualAddress, virtual_addresses
from app.lvs.keywords.table import effective
from app.lvs.model.config import Config
from app.lvs.model.values import Address
from app.lvs.pair.role import Claim
from app.lvs.reports.status import AddressReport
from app.pulse.addresses.announcer import Announcer
from app.pulse.addresses.duplicates import Duplicates, Refusal
from app.pulse.addresses.events import AddressEvents
from app.pulse.addresses.link_changes import LinkChanges
from app.pulse.events.log import EventLog
from app.pulse.process.owned import OwnedState

AT_ONCE_S = 0.01
"""So long addresses are brought up or taken down before the loop goes on with something else."""
LOOKS_APART_S = 0.2
"""However many interfaces come and go, their addresses are looked at no oftener."""

Key = tuple[str, Address, int]
"""What an address is found again by: interface, address, prefix length. Its label is no part of it."""

log = logging.getLogger("pulse")


class AddressKeeper:
    """The one owner of the virtual IPs. Never removes an address it did not add, never touches a link's state.

    Enter it with ``with``, on the loop. It looks when the daemon does, and by itself as soon as the kernel tells
    of an interface or an address of ours, or an answer about a duplicate is there. `_busy` keeps two looks apart
    where one lets the loop go on.
    """

    def __init__(self, addresses: Addresses, memory: OwnedState, events: EventLog) -> None:
        self._addresses = addresses
        self._memory = memory
        self._wanted: tuple[VirtualAddress, ...] = ()
        self._wanted_on: dict[str, int] = {}
        self._wanted_addresses: frozenset[Address] = frozenset()
        self._config: Config | None = None
        self._claim = Claim.ALL
        self._has_partner = False
        self._up: frozenset[VirtualAddress] = frozenset()
        self._failures: dict[VirtualAddress, str] = {}
        self._interruptions = LinkChanges()
        self._keep_label: set[VirtualAddress] = set()
        self._not_usable: set[tuple[int, Address]] = set()
        self._events = AddressEvents(events)
        self._announcer = Announcer()
        self._duplicates = Duplicates(self._look_soon)
        self._is_to_look = False
        self._looking: asyncio.Task[None] | None = None
        self._busy = asyncio.Lock()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            stack.enter_context(self._addresses)
            watch = stack.enter_context(closing(LinkWatch()))
            loop = asyncio.get_running_loop()
            loop.add_reader(watch.fileno(), self._on_netlink, watch)
            stack.callback(loop.remove_reader, watch.fileno())
            stack.callback(self._stop)
            self._undo = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._undo.close()

    def apply_config(self, config: Config) -> None:
        """Want what `config` wants from now on; `converge` brings it about."""
        self._config = config
        self._want(virtual_addresses(config))
        self._keep_label.clear()
        self._duplicates.ask_again()

    def claim(self, claim: Claim, *, has_partner: bool) -> bool:
        """Let `claim` hold from now on; `converge` brings it about. Return whether it is another one.

        With a partner nobody is asked about duplicates: who has the addresses is decided by then.
        """
        self._has_partner = has_partner
        is_other, self._claim = claim is not self._claim, claim
        return is_other

    def announce_again(self) -> None:
        """Announce all that is up as if it had just come up: somebody else may have done so meanwhile."""
        self._announcer.burst(self._up)

    async def withdraw(self) -> tuple[str, ...]:
        """Take down all that is ours; return what failed. Raises OSError."""
        self._want(())
        return await self.converge()

    async def converge(self) -> tuple[str, ...]:
        """Bring up what is missing and take down what is ours and no longer wanted; return what failed.

        Raises OSError when the kernel cannot be asked what there is.
        """
        async with self._busy:
            return await self._converge()

    @property
    def wanted(self) -> tuple[VirtualAddress, ...]:
        """All that the configuration wants, whoever of a pair has it."""
        return self._wanted

    @property
    def has_any(self) -> bool:
        """Whether one of them is up here."""
        return bool(self._up)

    def reports(self) -> list[AddressReport]:
        """Return what became of each wanted address."""
        return [self._report(virtual) for virtual in self._wanted]

    def _want(self, wanted: tuple[VirtualAddress, ...]) -> None:
        self._wanted = wanted
        self._wanted_on = dict(Counter(virtual.interface for virtual in wanted))
        self._wanted_addresses = frozenset(virtual.address for virtual in wanted)

    async def _converge(self) -> tuple[str, ...]:
        self._failures = {}
        seen = self._addresses.read()
        present = {(name, found.address, found.prefix): found for name, found in seen.addresses}
        wanted = self._claimed(present)
        missing = [virtual for virtual in wanted if _key(virtual) not in present]
        takeable = self._takeable(missing, present, seen)
        self._memory.own((), [*takeable, *self._adopted(wanted, present)])
        is_up = [virtual for virtual in wanted if _key(virtual) in present]
        is_up += await self._each(takeable, lambda virtual: self._bring_up(virtual, present, seen))
        await self._relabel(self._mislabelled(is_up, present), present)
        # New ones first, so that a changed mask or device leaves no moment without the address.
        await self._take_down_others(wanted, is_up, present, seen)
        self._up = frozenset(is_up)
        self._announce(takeable, seen)
        self._tell(seen)
        return tuple(self._failures.values())

    def _claimed(self, present: dict[Key, LinkAddress]) -> tuple[VirtualAddress, ...]:
        if self._claim is Claim.HOLD:
            return tuple(virtual for virtual in self._wanted if _key(virtual) in present)
        return self._wanted if self._claim is Claim.ALL else ()

    def _takeable(
        self, missing: list[VirtualAddress], present: dict[Key, LinkAddress], seen: AddressState
    ) -> list[VirtualAddress]:
        """Return those of `missing` to bring up now; the others are asked about, or refused."""
        if self._config is None or self._has_partner or not effective(self._config, "probe_duplicates"):
            return missing
        # With another mask it is ours already, and all others know.
        held = {(interface, address) for interface, address, _ in present}
        cleared = self._duplicates.cleared(
            [virtual for virtual in missing if (virtual.interface, virtual.address) not in held], seen.links
        )
        takeable = set(cleared) | {virtual for virtual in missing if (virtual.interface, virtual.address) in held}
        for virtual in missing:
            if virtual not in takeable and (refusal := self._duplicates.refusal(virtual)) is not None:
                self._failures[virtual] = refusal.reason
        return [virtual for virtual in missing if virtual in takeable]

    def _adopted(self, wanted: Iterable[VirtualAddress], present: dict[Key, LinkAddress]) -> list[VirtualAddress]:
        """Return what is up and becomes ours: under another label it was, or it bears the label of an alias.

        That was put there by us, or by a Piranha before us.
        """
        owned = {_key(virtual) for virtual in self._memory.addresses}
        return [
            virtual
            for virtual in wanted
            if (found := present.get(_key(virtual))) is not None
            and (_key(virtual) in owned or (found.label is not None and ":" in found.label))
        ]

    def _mislabelled(self, up: Iterable[VirtualAddress], present: dict[Key, LinkAddress]) -> list[VirtualAddress]:
        return [
            virtual
            for virtual in up
            if (found := present.get(_key(virtual))) is not None
            and virtual in self._memory.addresses
            and virtual not in self._keep_label
            and found.label is not None
            and found.label != (label_of(virtual) or virtual.interface)
        ]

    async def _each(
        self, virtuals: Iterable[VirtualAddress], do: Callable[[VirtualAddress], None]
    ) -> list[VirtualAddress]:
        """Do it to each of `virtuals`, and note what failed; return those with which it went well."""
        done = []
        began = time.monotonic()
        for virtual in virtuals:
            try:
                do(virtual)
                done.append(virtual)
            except AddressFailed as failed:
                self._failures[virtual] = str(failed)
            if time.monotonic() - began > AT_ONCE_S:
                await asyncio.sleep(0)
                began = time.monotonic()
        return done

    def _bring_up(self, virtual: VirtualAddress, present: dict[Key, LinkAddress], seen: AddressState) -> None:
        former = self._former(virtual, present)
        if former is not None:
            with self._holder_owned([virtual], present):
                self._addresses.replace(former, virtual)
            self._forget([former])
            log.info("changed %s to %s", former, virtual)
        elif self._addresses.add(virtual):
            log.info("brought up %s", virtual)
            if virtual.address.version == 6 and virtual.interface in seen.links:
                # It has no route yet: the kernel tells when it has.
                self._not_usable.add((seen.links[virtual.interface].index, virtual.address))

    def _former(self, virtual: VirtualAddress, present: dict[Key, LinkAddress]) -> VirtualAddress | None:
        """Return what of ours is in the way: an interface has an IPv6 address with one prefix only."""
        if virtual.address.version == 4:
            return None
        return next(
            (
                owned
                for owned in self._memory.addresses
                if owned.address == virtual.address
                and owned.interface == virtual.interface
                and owned.prefix != virtual.prefix
                and _key(owned) in present
            ),
            None,
        )

    async def _relabel(self, virtuals: list[VirtualAddress], present: dict[Key, LinkAddress]) -> None:
        def relabel(virtual: VirtualAddress) -> None:
            # Tried once: where it would take others of the subnet down, the old label stays.
            self._keep_label.add(virtual)
            if self._addresses.replace(virtual, virtual):
                log.info("changed the label to %s", virtual)

        if virtuals:
            with self._holder_owned(virtuals, present):
                await self._each(virtuals, relabel)

    @contextmanager
    def _holder_owned(self, virtuals: Iterable[VirtualAddress], present: dict[Key, LinkAddress]) -> Iterator[None]:
        """Within, what holds `virtuals` while they are changed is ours, so that it goes after a crash."""
        holders = {holder_of(virtual) for virtual in virtuals}
        ours = [holder for holder in holders if _key(holder) not in present]
        self._memory.own((), ours)
        yield
        self._forget(ours)

    async def _take_down_others(
        self,
        wanted: Iterable[VirtualAddress],
        is_up: Iterable[VirtualAddress],
        present: dict[Key, LinkAddress],
        seen: AddressState,
    ) -> None:
        still_used = {_key(virtual) for virtual in wanted}
        # One that moves stays where it was until it can be used where it goes.
        usable = {
            virtual.address
            for virtual in is_up
            if (link := seen.links.get(virtual.interface)) is not None
            and (link.index, virtual.address) not in self._not_usable
        }
        waited_for = {virtual.address for virtual in wanted} - usable
        going, done = [], []
        for virtual in self._memory.addresses - set(wanted):
            if _key(virtual) not in present or _key(virtual) in still_used:
                done.append(virtual)
            elif virtual.address not in waited_for:
                going.append(virtual)
        done += await self._each(going, self._take_down)
        self._forget(done)

    def _take_down(self, virtual: VirtualAddress) -> None:
        if self._addresses.remove(virtual):
            log.info("took down %s", virtual)

    def _forget(self, virtuals: Iterable[VirtualAddress]) -> None:
        self._memory.keep_only(self._memory.services, self._memory.addresses - set(virtuals))

    def _announce(self, fresh: Iterable[VirtualAddress], seen: AddressState) -> None:
        """Announce what came up, and all on an interface that was without link or has another hardware address."""
        again_s = effective(self._config, "announce_again") if self._config is not None else 0
        every_s = effective(self._config, "announce_every") if self._config is not None else 0
        self._announcer.keep_announced(self._up, again_s, every_s)
        now = {link.name: link.hardware for link in seen.links.values() if link.is_up}
        ended = self._interruptions.end(now)
        fresh, again = set(fresh), ended.returned | ended.moved
        self._announcer.burst(virtual for virtual in self._up if virtual in fresh or virtual.interface in again)
        self._interruptions.begin(self._wanted_on.keys() - now.keys())
        for name in ended.returned & self._wanted_on.keys():
            self._events.link_returned(name, self._wanted_on[name])

    def _tell(self, seen: AddressState) -> None:
        for name, count in self._wanted_on.items():
            link = seen.links.get(name)
            if link is None or not link.is_up:
                self._events.link_lost(name, count, is_gone=link is None)
        refused: dict[VirtualAddress, Refusal] = {}
        failed: list[str] = []
        for virtual, reason in self._failures.items():
            link, refusal = seen.links.get(virtual.interface), self._duplicates.refusal(virtual)
            if refusal is not None and refusal.hardware:
                refused[virtual] = refusal
            elif link is not None and (link.is_up or refusal is None):
                failed.append(reason)
        self._events.failed(failed)
        if self._config is not None:
            self._events.refused(self._config, refused, up=self._up, wanted=self._wanted)

    def _report(self, virtual: VirtualAddress) -> AddressReport:
        state, message = "up", self._announcer.failure(virtual.interface)
        if virtual in self._failures:
            refusal = self._duplicates.refusal(virtual)
            state = "refused" if refusal is not None and refusal.hardware else "failed"
            message = self._failures[virtual]
        elif virtual not in self._up and self._claim is not Claim.ALL:
            state, message = "standby", "the other router of the pair has it, or is to have it"
        elif virtual not in self._up:
            state = "probing" if self._duplicates.is_asking(virtual) else "failed"
            message = "asking whether another machine has it" if state == "probing" else "not brought up yet"
        return {
            "address": str(virtual.address),
            "prefix": virtual.prefix,
            "device": virtual.device,
            "state": state,
            "message": message,
        }

    def _on_netlink(self, watch: LinkWatch) -> None:
        concerns = False
        for notice in watch.notices():
            concerns |= self._concerns_us(notice)
        if concerns:
            self._look_soon()

    def _concerns_us(self, notice: Notice) -> bool:
        match notice:
            case LinkNotice(link, is_gone):
                is_ours = link.name in self._wanted_on
                if is_ours and (is_gone or not link.is_up):
                    self._interruptions.begin((link.name,))
                return is_ours
            case AddressNotice(address, is_gone):
                place = (address.index, address.address)
                if not is_gone and place in self._not_usable:
                    self._not_usable.discard(place)
                    return True
                return is_gone and address.address in self._wanted_addresses
            case _:
                self._not_usable.clear()
                return True

    def _look_soon(self) -> None:
        self._is_to_look = True
        if self._looking is None and self._config is not None:
            self._looking = asyncio.get_running_loop().create_task(self._poll())

    async def _poll(self) -> None:
        try:
            while self._is_to_look:
                self._is_to_look = False
                try:
                    await self.converge()
                except OSError as error:
                    # The daemon's next look says so to whoever asks.
                    log.error("cannot look at the addresses: %s", error.strerror)
                await asyncio.sleep(LOOKS_APART_S)
        finally:
            self._looking = None

    def _stop(self) -> None:
        self._announcer.stop()
        self._duplicates.stop()
        if self._looking is not None:
            self._looking.cancel()


def _key(virtual: VirtualAddress) -> Key:
    return (virtual.interface, virtual.address, virtual.prefix)
