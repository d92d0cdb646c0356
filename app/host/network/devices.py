"""The network interfaces of this machine, with their addresses."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from app.host.network.link import LinkAddress
from app.lvs.desired.addresses import VirtualAddress


@dataclass(frozen=True, slots=True)
class Device:
    """An interface and every address on it. `is_up`: administratively up and with a carrier."""

    name: str
    is_up: bool
    hardware: str
    addresses: tuple[LinkAddress, ...]
    other_names: tuple[str, ...] = ()

    def own(self, virtuals: Collection[VirtualAddress]) -> tuple[LinkAddress, ...]:
        """Return the addresses that are not among `virtuals`."""
        names = (self.name, *self.other_names)
        ours = {(virtual.address, virtual.prefix) for virtual in virtuals if virtual.interface in names}
        return tuple(found for found in self.addresses if (found.address, found.prefix) not in ours)


DeviceReader = Callable[[], tuple[Device, ...]]
