"""Keeps the virtual IPs up that the configuration wants, announces them, and removes those it added itself."""

import asyncio
import logging
from collections.abc import Iterable
from contextlib import ExitStack, closing
from types import TracebackType
from typing import Self

from app.host.network.addresses import Addresses
from app.host.network.known_interfaces import AddressState
from app.host.network.link import AddressNotice, Link, LinkNotice, Notice
from app.lvs.desired.addresses import VirtualAddress
from app.lvs.keywords.table import effective
from app.lvs.model.config import Config
from app.lvs.pair.role import Claim
from app.lvs.reports.status import AddressReport
from app.pulse.addresses.announcer import Announcer
from app.pulse.addresses.changes import AddressChanges
from app.pulse.addresses.duplicates import Duplicates, Refusal
from app.pulse.addresses.events import AddressEvents, renamed_sentence
from app.pulse.addresses.followed_interfaces import FollowedInterfaces, link_of
from app.pulse.addresses.link_changes import LinkChanges
from app.pulse.addresses.present import PresentAddresses, present_addresses
from app.pulse.addresses.wanted import WantedAddresses
from app.pulse.events.log import EventLog
from app.pulse.process.owned import OwnedState

CONVERGED_APART_S = 0.2
"""However many events arrive, the addresses are checked no more often."""

log = logging.getLogger("pulse")


class AddressKeeper:
    """The one owner of the virtual IPs. Never removes an address it did not add, never sets a link up or down.

    Enter it with ``with``, on the loop; `interfaces` are closed at the end. It converges when the daemon does, and
    on its own as soon as the kernel reports a change of an interface or an address of ours, or a duplicate probe
    has been answered. `_busy` keeps two convergences apart where the first lets the loop go on.
    """

    def __init__(self, addresses: Addresses, memory: OwnedState, events: EventLog) -> None:
        self.interfaces = addresses.interfaces
        self._addresses = addresses
        self._memory = memory
        self._want = WantedAddresses()
        self._followed = FollowedInterfaces(memory)
        self._changes = AddressChanges(addresses, memory)
        self._up: frozenset[VirtualAddress] = frozenset()
        self._interruptions = LinkChanges()
        self._events = AddressEvents(events)
        self._announcer = Announcer()
        self._duplicates = Duplicates(self._converge_soon)
        self._settled_at: tuple[int, int] | None = None
        self._is_due = False
        self._converging: asyncio.Task[None] | None = None
        self._busy = asyncio.Lock()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            stack.enter_context(closing(self.interfaces))
            stack.enter_context(self._addresses)
            stack.callback(self.interfaces.subscribe(self._on_notice))
            stack.callback(self._stop)
            self._undo = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._undo.close()

    def apply_config(self, config: Config) -> None:
        """Want what `config` wants from now on; `converge` brings it about."""
        self._want.apply_config(config)
        self._follow_interfaces(self.interfaces.state())
        self._changes.retry_labels()
        self._duplicates.ask_again()

    def claim(self, claim: Claim, *, has_partner: bool) -> bool:
        """Let `claim` hold from now on; `converge` brings it about. Return whether it is another one.

        With a partner no other machine is asked about duplicates: which router has the addresses has been decided.
        """
        return self._want.apply_claim(claim, has_partner=has_partner)

    def announce_again(self) -> None:
        """Announce everything that is up as if it had just come up: another router may have announced it too."""
        self._announcer.burst(self._up)

    async def withdraw(self) -> tuple[str, ...]:
        """Remove every address of ours; return what failed. Raises OSError."""
        self._want.drop_all()
        return await self.converge()

    async def converge(self) -> tuple[str, ...]:
        """Bring up what is missing and remove what is ours and no longer wanted; return what failed.

        Does nothing while nothing has changed. Raises OSError when the kernel does not list them.
        """
        async with self._busy:
            if self._settled_at != (self.interfaces.revision, self._want.version):
                await self._converge()
            return tuple(self._changes.failures.values())

    @property
    def wanted(self) -> tuple[VirtualAddress, ...]:
        """Everything the configuration wants, whichever router of a pair has it."""
        return self._want.addresses

    @property
    def has_any(self) -> bool:
        """Whether one of them is up here."""
        return bool(self._up)

    def reports(self) -> list[AddressReport]:
        """Return the state of each wanted address."""
        unplugged = {link.name for link in self.interfaces.state().links.values() if not link.is_up}
        return [
            self._report(virtual, configured, is_unplugged=virtual.interface in unplugged)
            for virtual, configured in zip(self._want.addresses, self._want.configured, strict=True)
        ]

    def interface(self, word: str) -> Link | None:
        """Return the interface that a word of lvs.cf means; None: there is none."""
        return link_of(word, self.interfaces.state(), self._memory.interfaces)

    def _follow_interfaces(self, state: AddressState) -> None:
        if not state.links:
            # Nothing has been listed yet.
            return
        config = self._want.config
        synced = {str(effective(config, "syncd_iface"))} if config and effective(config, "syncdaemon") else set()
        names = self._followed.follow({*self._want.words, *synced}, state)
        self._want.name_interfaces({word: name for word, name in names.items() if word in self._want.words})

    async def _converge(self) -> None:
        self._changes.failures = {}
        self._settled_at = None
        state = await self.interfaces.read()
        revision = self.interfaces.revision
        self._follow_interfaces(state)
        version = self._want.version
        present = present_addresses(state)
        wanted = self._want.claimed(present, self._up)
        missing = [virtual for virtual in wanted if virtual not in present]
        cleared = self._cleared(missing, present)
        is_up = await self._changes.bring_up(cleared, wanted, present)
        await self._changes.relabel(is_up, present)
        # New ones first, so that with a changed mask or device the address is never missing.
        is_clean = await self._changes.remove_others(wanted, is_up, present)
        self._up = frozenset(is_up)
        self._announce(cleared, present)
        self._report_events(present)
        if is_clean and not missing and not self._changes.failures:
            # What this pass itself has changed is read once more.
            self._settled_at = (revision, version)

    def _cleared(self, missing: list[VirtualAddress], present: PresentAddresses) -> list[VirtualAddress]:
        """Return those of `missing` to bring up now; the others are still being probed, or refused."""
        if not self._want.are_probed:
            return missing
        # An address that is here with another mask is ours already, and all others know.
        places = present.places()
        probed = [virtual for virtual in missing if (virtual.interface, virtual.address) not in places]
        refused = set(probed).difference(self._duplicates.cleared(probed, present.links))
        for virtual in probed:
            if virtual in refused and (refusal := self._duplicates.refusal(virtual)) is not None:
                self._changes.failures[virtual] = refusal.reason
        return [virtual for virtual in missing if virtual not in refused]

    def _announce(self, fresh: Iterable[VirtualAddress], present: PresentAddresses) -> None:
        """Announce what came up, and everything on an interface whose link or hardware address has changed."""
        self._announcer.keep_announced(self._up, self._want.announced_again_s, self._want.announced_every_s)
        now = {link.name: link.hardware for link in present.links.values() if link.is_up}
        ended = self._interruptions.end(now)
        fresh, again = set(fresh), ended.returned | ended.moved
        self._announcer.burst(virtual for virtual in self._up if virtual in fresh or virtual.interface in again)
        self._interruptions.begin(self._want.counts.keys() - now.keys())
        for name in ended.returned & self._want.counts.keys():
            self._events.link_returned(name, self._want.counts[name])

    def _report_events(self, present: PresentAddresses) -> None:
        self._events.renamed(self._followed.renamed)
        for name, count in self._want.counts.items():
            link = present.links.get(name)
            if link is None or not link.is_up:
                self._events.link_lost(name, count, is_gone=link is None)
        refused: dict[VirtualAddress, Refusal] = {}
        failed: list[str] = []
        for virtual, reason in self._changes.failures.items():
            link, refusal = present.links.get(virtual.interface), self._duplicates.refusal(virtual)
            if refusal is not None and refusal.hardware:
                refused[virtual] = refusal
            elif link is not None and (link.is_up or refusal is None):
                failed.append(reason)
        self._events.failed(failed)
        if self._want.config is not None:
            self._events.refused(self._want.config, refused, up=self._up, wanted=self._want.addresses)

    def _report(self, virtual: VirtualAddress, configured: VirtualAddress, *, is_unplugged: bool) -> AddressReport:
        state = "up"
        message = self._announcer.failure(virtual.interface) or self._renamed(configured.interface)
        if virtual in self._changes.failures:
            refusal = self._duplicates.refusal(virtual)
            state = "refused" if refusal is not None and refusal.hardware else "failed"
            message = self._changes.failures[virtual]
        elif virtual not in self._up and self._want.claim is not Claim.ALL:
            state, message = "standby", "the other router of the pair has it, or should have it"
        elif virtual not in self._up:
            state = "probing" if self._duplicates.is_asking(virtual) else "unknown"
            message = "asking whether another machine has it" if state == "probing" else "not tried yet"
        elif is_unplugged:
            state, message = "unplugged", f"interface {virtual.interface} has no link, so no client reaches it"
        return {
            "address": str(virtual.address),
            "prefix": virtual.prefix,
            "device": configured.device,
            "state": state,
            "message": message,
        }

    def _renamed(self, word: str) -> str:
        name = self._followed.renamed.get(word)
        return renamed_sentence(word, name) if name is not None else ""

    def _on_notice(self, notice: Notice) -> None:
        if self._concerns_us(notice):
            self._converge_soon()

    def _concerns_us(self, notice: Notice) -> bool:
        match notice:
            case LinkNotice(link, is_gone):
                is_ours = link.name in self._want.counts or self._followed.are_concerned(link)
                if is_ours and (is_gone or not link.is_up):
                    self._interruptions.begin((link.name,))
                return is_ours
            case AddressNotice(address, is_gone):
                is_usable = self._changes.has_become_usable(notice)
                return is_usable or (is_gone and address.address in self._want.targets)
            case _:
                self._changes.forget_unusable()
                return True

    def _converge_soon(self) -> None:
        self._is_due = True
        if self._converging is None and self._want.config is not None:
            self._converging = asyncio.get_running_loop().create_task(self._converge_while_due())

    async def _converge_while_due(self) -> None:
        try:
            while self._is_due:
                self._is_due = False
                try:
                    await self.converge()
                except OSError as error:
                    # The daemon's next step reports it to those who ask.
                    log.error("cannot read the addresses: %s", error.strerror)
                await asyncio.sleep(CONVERGED_APART_S)
        finally:
            self._converging = None

    def _stop(self) -> None:
        self._announcer.stop()
        self._duplicates.stop()
        if self._converging is not None:
            self._converging.cancel()
