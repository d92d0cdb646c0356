"""Keeps the virtual IPs up that the configuration wants, announces them, and takes down those it added itself."""

import asyncio
import logging
from collections.abc import Iterable
from dataclasses import dataclass, field

from app.host.addresses import Addresses, AddressFailed
from app.host.arp import AnnounceFailed, announce
from app.host.rtnetlink import LinkAddress
from app.lvs.report import AddressReport
from app.lvs.values import Address
from app.lvs.virtual_address import VirtualAddress
from app.pulse.memory import Memory

ANNOUNCEMENTS = 5
"""How often a new address is announced, a second apart: as often as Piranha did, since an ARP may get lost."""

Key = tuple[str, Address, int]
"""What an address is found again by: interface, address, prefix length. Its label is no part of it."""

log = logging.getLogger("pulse")


@dataclass(slots=True)
class AddressKeeper:
    """The one owner of the virtual IPs. Never removes an address it did not add, never touches a link's state."""

    addresses: Addresses
    memory: Memory
    wanted: tuple[VirtualAddress, ...] = ()
    _failures: dict[VirtualAddress, str] = field(default_factory=dict)

    def converge(self) -> tuple[str, ...]:
        """Bring up what is missing and take down what is ours and no longer wanted; return what failed."""
        self._failures = {}
        present = self.addresses.present()
        up = _keys(present)
        # What bears the label of an alias was put there by us, or by a Piranha before us.
        labelled = _keys((name, found) for name, found in present if found.label and ":" in found.label)
        owned = {_key(virtual) for virtual in self.memory.addresses} | labelled
        for virtual in self.wanted:
            if _key(virtual) not in up:
                self._bring_up(virtual)
            elif _key(virtual) in owned:
                self.memory.own((), [virtual])
        # New ones first, so that a changed mask or device leaves no moment without the address.
        still_used = {_key(virtual) for virtual in self.wanted}
        for virtual in self.memory.addresses - set(self.wanted):
            self._take_down(virtual, up - still_used)
        return tuple(self._failures.values())

    def reports(self) -> list[AddressReport]:
        """Return what became of each wanted address."""
        return [
            {
                "address": str(virtual.address),
                "prefix": virtual.prefix,
                "device": virtual.device,
                "state": "failed" if virtual in self._failures else "up",
                "message": self._failures.get(virtual, ""),
            }
            for virtual in self.wanted
        ]

    def _bring_up(self, virtual: VirtualAddress) -> None:
        self.memory.own((), [virtual])
        try:
            if self.addresses.add(virtual):
                log.info("brought up %s", virtual)
            self._announce(virtual, ANNOUNCEMENTS)
        except AddressFailed as failed:
            self._failures[virtual] = str(failed)

    def _take_down(self, virtual: VirtualAddress, up: set[Key]) -> None:
        try:
            if _key(virtual) in up and self.addresses.remove(virtual):
                log.info("took down %s", virtual)
            self._forget(virtual)
        except AddressFailed as failed:
            self._failures[virtual] = str(failed)

    def _forget(self, virtual: VirtualAddress) -> None:
        self.memory.keep_only(self.memory.services, self.memory.addresses - {virtual})

    def _announce(self, virtual: VirtualAddress, times: int) -> None:
        if virtual not in self.wanted:
            return
        try:
            announce(virtual.interface, [virtual.address])
        except AnnounceFailed as failed:
            log.error("%s", failed)
        if times > 1:
            asyncio.get_running_loop().call_later(1.0, self._announce, virtual, times - 1)


def _keys(found: Iterable[tuple[str, LinkAddress]]) -> set[Key]:
    return {(interface, item.address, item.prefix) for interface, item in found}


def _key(virtual: VirtualAddress) -> Key:
    return (virtual.interface, virtual.address, virtual.prefix)
