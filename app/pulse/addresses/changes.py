"""Changes the addresses of this machine one by one, and remembers which of them are ours."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator
from contextlib import contextmanager

from app.host.network.addresses import Addresses, AddressFailed, holder_of
from app.host.network.link import AddressNotice
from app.lvs.desired.addresses import VirtualAddress
from app.lvs.model.values import Address
from app.pulse.addresses.choice import adopted, former, leaving, mislabelled
from app.pulse.addresses.present import PresentAddresses
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
        self._memory.own((), [*missing, *adopted(wanted, present, self._memory.addresses)])
        is_up = [virtual for virtual in wanted if virtual in present]
        is_up += await self._each(missing, lambda virtual: self._bring_up(virtual, present))
        return is_up

    async def relabel(self, up: Iterable[VirtualAddress], present: PresentAddresses) -> None:
        """Give those of ours that are `up` the label they should have."""
        found = mislabelled(up, present, self._memory.addresses)
        changing = [virtual for virtual in found if virtual not in self._keep_label]

        async def relabel(virtual: VirtualAddress) -> None:
            # Tried once: where it would remove others of the subnet, the old label stays.
            self._keep_label.add(virtual)
            if await self._addresses.replace(virtual, virtual):
                log.info("changed the label to %s", virtual)

        if changing:
            with self._holder_owned(changing, present):
                await self._each(changing, relabel)

    async def remove_others(
        self, wanted: Collection[VirtualAddress], up: Iterable[VirtualAddress], present: PresentAddresses
    ) -> bool:
        """Remove what is ours and not `wanted`; return whether nothing of it is left."""
        usable = [
            virtual
            for virtual in up
            if (link := present.links.get(virtual.interface)) is not None
            and (link.index, virtual.address) not in self._not_usable
        ]
        going = leaving(wanted, usable, present, self._memory.addresses)
        removed = await self._each(going.removed, self._remove)
        self._forget([*going.forgotten, *removed])
        return not going.kept and len(removed) == len(going.removed)

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
            except OSError as error:
                self.failures[virtual] = f"Cannot change {virtual}: {error.strerror or error}."
            if time.monotonic() - began > AT_ONCE_S:
                await asyncio.sleep(0)
                began = time.monotonic()
        return done

    async def _bring_up(self, virtual: VirtualAddress, present: PresentAddresses) -> None:
        previous = former(virtual, present, self._memory.addresses)
        if previous is not None:
            with self._holder_owned([virtual], present):
                await self._addresses.replace(previous, virtual)
            self._forget([previous])
            log.info("changed %s to %s", previous, virtual)
        elif await self._addresses.add(virtual):
            log.info("brought up %s", virtual)
            if virtual.address.version == 6 and (link := present.links.get(virtual.interface)) is not None:
                # It has no route yet: the kernel reports the address when it has.
                self._not_usable.add((link.index, virtual.address))

    async def _remove(self, virtual: VirtualAddress) -> None:
        if await self._addresses.remove(virtual):
            log.info("removed %s", virtual)

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
