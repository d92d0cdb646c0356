"""Which router of the configured pair this machine is, according to its interfaces."""

from dataclasses import dataclass
from ipaddress import ip_interface

from app.host.network.interfaces import Interfaces
from app.host.network.routes import gateways
from app.lvs.desired.addresses import VirtualAddress, virtual_addresses
from app.lvs.model.config import Config
from app.lvs.model.machine import Machine
from app.lvs.model.values import Address
from app.lvs.pair.membership import Membership, Pair, place_in_pair, tracked_interfaces
from app.lvs.pair.neighbours import neighbours
from app.lvs.pair.vrrp import Vrrp, vrrp_of
from app.pulse.addresses.followed_interfaces import link_of
from app.pulse.process.owned import OwnedState


@dataclass(frozen=True, slots=True)
class PairMembership:
    """The membership in the pair, and what keepalived should run; None: nothing.

    `neighbours` are those that should answer on the interface of the virtual router, each with the own address to
    probe from; `loopback` are the addresses of lo.
    """

    place: Membership
    vrrp: Vrrp | None
    neighbours: dict[Address, Address]
    loopback: frozenset[Address]


class PlaceFinder:
    """Finds this router's place, and outside a pair only when what it depends on has changed.

    In a pair the neighbours count too, which depend on routes.
    """

    def __init__(self, memory: OwnedState, interfaces: Interfaces) -> None:
        self._memory = memory
        self._interfaces = interfaces
        self._basis: tuple[Config, int, frozenset[VirtualAddress]] | None = None
        self._found: PairMembership | None = None

    def find(self, config: Config) -> PairMembership:
        """Return the place `config` gives this router."""
        basis = (config, self._interfaces.revision, self._memory.addresses)
        if self._found is None or basis != self._basis or isinstance(self._found.place, Pair):
            self._basis, self._found = basis, find_place(config, self._memory, self._interfaces)
        return self._found


def find_place(config: Config, memory: OwnedState, interfaces: Interfaces) -> PairMembership:
    """Return the membership that `config` gives this router; addresses in `memory` are not its own."""
    devices, state = {device.name: device for device in interfaces.devices()}, interfaces.state()
    own = {name: device.own(memory.addresses) for name, device in devices.items()}
    machine = Machine(
        {name: frozenset(address.address for address in addresses) for name, addresses in own.items()}
    )
    place = place_in_pair(config, machine)
    loopback = (
        frozenset(address.address for address in devices["lo"].addresses) if "lo" in devices else frozenset()
    )
    interface = machine.owner_of(place.own) if isinstance(place, Pair) else None
    if not isinstance(place, Pair) or interface is None:
        return PairMembership(place, None, {}, loopback)
    words = {virtual.interface for virtual in virtual_addresses(config)}
    on = frozenset(link.name for word in words if (link := link_of(word, state, memory.interfaces)) is not None)
    tracked = tracked_interfaces(config, place, machine, on)
    networks = [ip_interface((address.address, address.prefix)) for address in own[interface]]
    near = neighbours(config, gateways(interface), networks)
    return PairMembership(place, vrrp_of(config, place, interface, tracked), near, loopback)
