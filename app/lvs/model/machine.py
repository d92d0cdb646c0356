"""What the rules need to know about the machine a configuration is for, as a value; the caller looks it up."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.lvs.model.values import Address


@dataclass(frozen=True, slots=True)
class Machine:
    """A director: its interfaces, each with the addresses that are its own (virtual IPs of ours left out).

    `single` are those of them that stand alone (/32, /128), as virtual IPs do that another program configured.
    `other_names` has the name of each interface by its alternative names. `without_ipv6` says, for an interface by
    any of its names, why it has no IPv6, for "" why none has.
    """

    devices: Mapping[str, frozenset[Address]] = field(default_factory=dict)
    single: frozenset[Address] = frozenset()
    other_names: Mapping[str, str] = field(default_factory=dict)
    without_ipv6: Mapping[str, str] = field(default_factory=dict)

    def has(self, interface: str) -> bool:
        """Return whether there is an interface that is called so."""
        return interface in self.devices or interface in self.other_names

    def owner_of(self, address: Address) -> str | None:
        """Return the interface that has `address` as its own, or None."""
        return next((name for name, addresses in self.devices.items() if address in addresses), None)
