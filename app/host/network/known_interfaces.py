"""What a listing and the events since then amount to. Pure: opens no socket and waits for nothing."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from app.host.network.devices import Device
from app.host.network.link import AddressNotice, Link, LinkAddress, LinkNotice, Listing, Notice

_Key = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class AddressState:
    """The interfaces by name, and every address with the name of its interface."""

    links: dict[str, Link]
    addresses: tuple[tuple[str, LinkAddress], ...]

    def find(self, name: str) -> Link | None:
        """Return the interface of that name, or with that as another name; None: there is none."""
        return self.links.get(name) or next(
            (link for link in self.links.values() if name in link.other_names), None
        )

    @property
    def links_by_index(self) -> dict[int, Link]:
        """The interfaces by the number the kernel has given them."""
        return {link.index: link for link in self.links.values()}


class KnownInterfaces:
    """Interfaces and addresses; `revision` is incremented with every change of one."""

    def __init__(self) -> None:
        self._links: dict[int, Link] = {}
        self._addresses: dict[_Key, LinkAddress] = {}
        self.revision = 0

    def take(self, notice: Notice) -> None:
        """Change what `notice` says has changed."""
        match notice:
            case LinkNotice(link, True):
                if self._links.pop(link.index, None) is not None:
                    self.revision += 1
                for key in [key for key in self._addresses if key[0] == link.index]:
                    del self._addresses[key]
            case LinkNotice(link):
                if self._links.get(link.index) != link:
                    self._links[link.index] = link
                    self.revision += 1
            case AddressNotice(address, True):
                if self._addresses.pop(_key(address), None) is not None:
                    self.revision += 1
            case AddressNotice(address):
                key = _key(address)
                if self._addresses.get(key) != address:
                    self._addresses[key] = address
                    self.revision += 1

    def replace(self, listing: Listing, since: Iterable[Notice]) -> bool:
        """Know `listing` and the changes `since` it began, nothing else; return whether that is something new."""
        before, revision = (self._links, self._addresses), self.revision
        self._links = {link.index: link for link in listing.links}
        self._addresses = {_key(address): address for address in listing.addresses}
        for notice in since:
            self.take(notice)
        is_other = (self._links, self._addresses) != before
        self.revision = revision + is_other
        return is_other

    def state(self) -> AddressState:
        """Return the addresses by the name of their interface."""
        return AddressState(
            {link.name: link for link in self._links.values()},
            tuple(
                (self._links[address.index].name, address)
                for address in self._addresses.values()
                if address.index in self._links
            ),
        )

    def devices(self) -> tuple[Device, ...]:
        """Return the interfaces with their addresses, in the kernel's order."""
        found: defaultdict[int, list[LinkAddress]] = defaultdict(list)
        for address in self._addresses.values():
            found[address.index].append(address)
        return tuple(
            Device(link.name, link.is_up, link.hardware, tuple(found[link.index]), link.other_names)
            for link in self._links.values()
        )


def _key(address: LinkAddress) -> _Key:
    # Numbers, since an address object computes its hash each time.
    return address.index, address.address.version, int(address.address), address.prefix
