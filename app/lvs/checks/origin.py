"""What a check needs to know of the director it comes from, taken from lvs.cf."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from ipaddress import ip_interface

from app.lvs.desired.table import forwarding
from app.lvs.keywords.table import effective
from app.lvs.model.config import Config, VirtualServer
from app.lvs.model.machine import Machine
from app.lvs.model.values import Address, Network, prefix_length


@dataclass(frozen=True)
class CheckOrigin:
    """The director, as far as `config` says who it is."""

    config: Config

    @property
    def helo_name(self) -> str:
        """What mail servers are told it is called; blank: what it can be called."""
        return self.config.helo_name or ""

    @cached_property
    def shared(self) -> frozenset[Address]:
        """The virtual IPs that real servers have as well, because packets reach them without NAT."""
        return frozenset(self._shared())

    @cached_property
    def floating(self) -> frozenset[Address]:
        """The addresses that pulse brings up and takes down; checks must not depend on having them."""
        router = self.config.nat_router
        of_services = {virtual.address.address for virtual in self.config.virtual if virtual.address is not None}
        return frozenset(of_services if router is None else {*of_services, router.address})

    def serving_at(self, address: Address | None) -> VirtualServer | None:
        """Return the first virtual server at `address`."""
        at = (virtual for virtual in self.config.virtual if virtual.address is not None)
        return next((virtual for virtual in at if virtual.address and virtual.address.address == address), None)

    def _shared(self) -> Iterator[Address]:
        network = effective(self.config, "network")
        for virtual in self.config.virtual:
            if virtual.address is not None and any(
                forwarding(virtual, server, network) is not Network.NAT for server in virtual.server
            ):
                yield virtual.address.address


NOWHERE = CheckOrigin(Config())
"""Of a director about which nothing is known."""


def own_source(virtual: VirtualServer, machine: Machine, interface: str = "") -> Address | None:
    """Return the IPv4 address of `machine` from which servers in the network of the virtual IP can be checked.

    One in that network is best, as answers to it come back for certain; else one of the virtual IP's interface.
    None: it has neither.
    """
    if virtual.address is None:
        return None
    shared, word = virtual.address.address, virtual.address.interface
    length = prefix_length(virtual.vip_nmask, shared)
    network = ip_interface(f"{shared}/{shared.max_prefixlen if length is None else length}").network
    home = machine.other_names.get(word, word)
    only = machine.other_names.get(interface, interface)
    usable = [
        (address not in network, device != home, int(address), address)
        for device, addresses in machine.devices.items()
        if only in ("", device)
        for address in addresses
        if address.version == 4 and not address.is_loopback and not address.is_link_local
        if device == home or address in network or only
    ]
    return min(usable)[-1] if usable else None
