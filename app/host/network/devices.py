"""The network interfaces of this machine, with their addresses."""

from collections.abc import Collection
from dataclasses import dataclass

from app.host.netlink.route import RouteSocket
from app.host.netlink.route_frames import LinkAddress
from app.lvs.desired.addresses import VirtualAddress


@dataclass(frozen=True, slots=True)
class Device:
    """An interface, and every address on it. `is_up`: switched on and with a carrier."""

    name: str
    is_up: bool
    hardware: str
    addresses: tuple[LinkAddress, ...]

    def own(self, virtuals: Collection[VirtualAddress]) -> tuple[LinkAddress, ...]:
        """Return the addresses that are not among `virtuals`."""
        ours = {(virtual.address, virtual.prefix) for virtual in virtuals if virtual.interface == self.name}
        return tuple(found for found in self.addresses if (found.address, found.prefix) not in ours)


def read_devices() -> tuple[Device, ...]:
    """Return the interfaces in the kernel's order."""
    with RouteSocket() as route:
        links, addresses = route.links(), route.addresses()
    return tuple(
        Device(link.name, link.is_up, link.hardware, tuple(a for a in addresses if a.index == link.index))
        for link in links
    )
