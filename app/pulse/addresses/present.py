"""The addresses on this machine at one moment, found by interface, address and prefix length."""

from dataclasses import dataclass

from app.host.network.known_interfaces import AddressState
from app.host.network.link import Link, LinkAddress
from app.lvs.desired.addresses import VirtualAddress
from app.lvs.model.values import Address

_Key = tuple[str, int, int, int]


@dataclass(frozen=True, slots=True)
class PresentAddresses:
    """Every address of every interface, and the interfaces by name."""

    by_key: dict[_Key, LinkAddress]
    links: dict[str, Link]

    def __contains__(self, virtual: VirtualAddress) -> bool:
        return key_of(virtual) in self.by_key

    def find(self, virtual: VirtualAddress) -> LinkAddress | None:
        """Return what is there of `virtual`, perhaps with another label."""
        return self.by_key.get(key_of(virtual))

    def places(self) -> set[tuple[str, Address]]:
        """Return the interface and address of each, whatever its prefix length."""
        return {(key[0], found.address) for key, found in self.by_key.items()}


def present_addresses(state: AddressState) -> PresentAddresses:
    """Return what is there according to `state`."""
    found = {_key(name, address.address, address.prefix): address for name, address in state.addresses}
    return PresentAddresses(found, state.links)


def key_of(virtual: VirtualAddress) -> _Key:
    """Return what `virtual` is found by; its label is not part of it."""
    return _key(virtual.interface, virtual.address, virtual.prefix)


def _key(interface: str, address: Address, prefix: int) -> _Key:
    # Numbers, since an address object computes its hash each time.
    return interface, address.version, int(address), prefix
