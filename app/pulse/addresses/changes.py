"""Changes the addresses of this machine one by one, and remembers which of them are ours."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator
from contextlib import contextmanager

from app.host.network.addresses import Addresses, AddressFailed, holder_of, label_of
from app.host.network.link import AddressNotice
from app.lvs.desired.addresses import VirtualAddress
from app.lvs.model.values import Address
from app.pulse.addresses.present import PresentAddresses, key_of
from app.pulse.process.owned import OwnedState

AT_ONCE_S = 0.01
"""How long addresses are brought up or removed before the loop may do something else."""

log = logging.getLogger("pulse")


class AddressChanges:
    """Never removes an address that is not in `memory`. `failures` has what failed since it was last cleared."""

    def __init__(self, addresses: Addresses, memory: OwnedState) -> None:
        self._addresses = addresses
        self._memory = memory
        self._keep_label: set[VirtualAddress] = set()
        self._not_usable: set[tuple[int, Address]] = set()
        self.failures: dict[VirtualAddress, str] = {}

    def retry_labels(self) -> None:
        """Try again to change labels that could not be changed before."""
        self._keep_label.clear()

    def has_become_usable(self, notice: AddressNotice) -> bool:
        """Return whether `notice` reports an address as usable that was not when it was brought up."""
        place = (notice.address.index, notice.address.address)
        if notice.is_gone or place not in self._not_usable:
            return False
        self._not_usable.discard(place)
        return True

    def forget_unusable(self) -> None:
        """Assume every address to be usable: an event that reported it may have been lost."""
        self._not_usable.clear()

    async def bring_up(
        self,
        missing: Collection[VirtualAddress],
        wanted: Iterable[VirtualAddress],
        present: PresentAddresses,
    ) -> list[VirtualAddress]:
        """Bring up what is `missing` of `wanted`, remembering first what becomes ours; return what is up."""
        self._memory.own((), [*missing, *self._adopted(wanted, present)])
        is_up = [virtual for virtual in wanted if virtual in present]
        is_up += await self._each(missing, lambda virtual: self._bring_up(virtual, present))
        return is_up

    async def relabel(self, up: Iterable[VirtualAddress], present: PresentAddresses) -> None:
        """Give those of ours that are `up` the label they should have."""
        mislabelled = self._mislabelled(up, present)

        async def relabel(virtual: VirtualAddress) -> None:
            # Tried once: where it would remove others of the subnet, the old label stays.
            self._keep_label.add(virtual)
            if await self._addresses.replace(virtual, virtual):
                log.info("changed the label to %s", virtual)

        if mislabelled:
            with self._holder_owned(mislabelled, present):
                await self._each(mislabelled, relabel)

    async def remove_others(
        self, wanted: Iterable[VirtualAddress], up: Iterable[VirtualAddress], present: PresentAddresses
    ) -> bool:
        """Remove what is ours and not `wanted`; return whether nothing of it is left."""
        wanted = set(wanted)
        still_used = {key_of(virtual) for virtual in wanted}
        # An address that moves stays where it was until it can be used where it goes.
        usable = {
            virtual.address
            for virtual in up
            if (link := present.links.get(virtual.interface)) is not None
            and (link.index, virtual.address) not in self._not_usable
        }
        awaited = {virtual.address for virtual in wanted} - usable
        others = self._memory.addresses - wanted
        done = [virtual for virtual in others if virtual not in present or key_of(virtual) in still_used]
        going = [virtual for virtual in others.difference(done) if virtual.address not in awaited]
        done += await self._each(going, self._remove)
        self._forget(done)
        return len(done) == len(others)

    async def _each(
        self, virtuals: Iterable[VirtualAddress], change: Callable[[VirtualAddress], Awaitable[None]]
    ) -> list[VirtualAddress]:
        """Change each of `virtuals`, and note what failed; return those that did not."""
        done = []
        began = time.monotonic()
        for virtual in virtuals:
            try:
                await change(virtual)
                done.append(virtual)
            except AddressFailed as failed:
                self.failures[virtual] = str(failed)
            if time.monotonic() - began > AT_ONCE_S:
                await asyncio.sleep(0)
                began = time.monotonic()
        return done

    async def _bring_up(self, virtual: VirtualAddress, present: PresentAddresses) -> None:
        former = self._former(virtual, present)
        if former is not None:
            with self._holder_owned([virtual], present):
                await self._addresses.replace(former, virtual)
            self._forget([former])
            log.info("changed %s to %s", former, virtual)
        elif await self._addresses.add(virtual):
            log.info("brought up %s", virtual)
            if virtual.address.version == 6 and (link := present.links.get(virtual.interface)) is not None:
                # It has no route yet: the kernel reports the address when it has.
                self._not_usable.add((link.index, virtual.address))

    async def _remove(self, virtual: VirtualAddress) -> None:
        if await self._addresses.remove(virtual):
            log.info("removed %s", virtual)

    def _adopted(self, wanted: Iterable[VirtualAddress], present: PresentAddresses) -> list[VirtualAddress]:
        """Return what is up and becomes ours: it was ours under another label, or has the label of an alias.

        Such an address was added by pulse, or by Piranha before it.
        """
        owned = {key_of(virtual) for virtual in self._memory.addresses}
        return [
            virtual
            for virtual in wanted
            if (found := present.find(virtual)) is not None
            and (key_of(virtual) in owned or (found.label is not None and ":" in found.label))
        ]

    def _mislabelled(self, up: Iterable[VirtualAddress], present: PresentAddresses) -> list[VirtualAddress]:
        owned = self._memory.addresses
        return [
            virtual
            for virtual in up
            if (found := present.find(virtual)) is not None
            and found.label is not None
            and found.label != (label_of(virtual) or virtual.interface)
            and virtual in owned
            and virtual not in self._keep_label
        ]

    def _former(self, virtual: VirtualAddress, present: PresentAddresses) -> VirtualAddress | None:
        """Return what of ours is in the way: an interface has an IPv6 address with one prefix length only."""
        if virtual.address.version == 4:
            return None
        return next(
            (
                owned
                for owned in self._memory.addresses
                if owned.address == virtual.address
                and owned.interface == virtual.interface
                and owned.prefix != virtual.prefix
                and owned in present
            ),
            None,
        )

    @contextmanager
    def _holder_owned(self, virtuals: Iterable[VirtualAddress], present: PresentAddresses) -> Iterator[None]:
        """For the block, own what holds `virtuals` while they are changed, so that it is removed after a crash."""
        holders = {holder_of(virtual) for virtual in virtuals}
        ours = [holder for holder in holders if holder not in present]
        self._memory.own((), ours)
        yield
        self._forget(ours)

    def _forget(self, virtuals: Iterable[VirtualAddress]) -> None:
        self._memory.keep_only(self._memory.services, self._memory.addresses.difference(virtuals))
