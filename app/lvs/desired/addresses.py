"""The addresses a director brings up for its services, as values."""

from dataclasses import dataclass, replace

from app.lvs.desired.table import active_virtuals
from app.lvs.keywords.table import effective
from app.lvs.model.config import Config, VirtualServer
from app.lvs.model.values import Address, ClusterType, Floating, Netmask, Network, prefix_length


@dataclass(frozen=True, slots=True)
class VirtualAddress:
    """An address with its prefix length, and the device word of lvs.cf (``eth0:1``)."""

    address: Address
    prefix: int
    device: str

    @property
    def interface(self) -> str:
        """The interface the address goes on: ``eth0``."""
        return self.device.partition(":")[0]

    def on(self, interface: str) -> "VirtualAddress":
        """Return the same address on `interface`, with the same alias part."""
        return self if interface == self.interface else replace(self, device=interface + self._alias)

    @property
    def label(self) -> str | None:
        """The label Linux keeps with an IPv4 address, where the device has an alias part."""
        return self.device if ":" in self.device and self.address.version == 4 else None

    @property
    def _alias(self) -> str:
        return "".join(self.device.partition(":")[1:])

    def __str__(self) -> str:
        return f"{self.address}/{self.prefix} on {self.device}"


def virtual_addresses(config: Config) -> tuple[VirtualAddress, ...]:
    """Return each address an active service of `config` needs, once, as its first active service says.

    The NAT router address comes last, while a service is forwarded by NAT.
    """
    if effective(config, "service") is not ClusterType.LVS:
        return ()
    found: dict[Address, VirtualAddress] = {}
    for virtual in active_virtuals(config):
        if virtual.address is not None and int(virtual.address.address):
            _put(found, virtual.address, virtual.vip_nmask)
    router = config.nat_router
    if router is not None and int(router.address) and _uses_nat(config):
        _put(found, router, config.nat_nmask)
    return tuple(found.values())


def services_on(config: Config, address: Address) -> tuple[str, ...]:
    """Return the names of the active services of `config` at `address`."""
    return tuple(
        virtual.name
        for virtual in active_virtuals(config)
        if virtual.address is not None and virtual.address.address == address
    )


def _put(found: dict[Address, VirtualAddress], floating: Floating, mask: Netmask | None) -> None:
    address = floating.address
    prefix = prefix_length(mask, address) or address.max_prefixlen
    found.setdefault(address, VirtualAddress(address, prefix, floating.device))


def _uses_nat(config: Config) -> bool:
    network = effective(config, "network")
    return any(_is_nat(virtual, network) for virtual in active_virtuals(config))


def _is_nat(virtual: VirtualServer, network: Network) -> bool:
    default = virtual.network or network
    return default is Network.NAT or any(server.network is Network.NAT for server in virtual.server)
