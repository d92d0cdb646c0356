"""What the rules need to know about the machine a configuration is for, as a value; the caller looks it up."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.lvs.model.values import Address


@dataclass(frozen=True, slots=True)
class Machine:
    """A director: its interfaces, each with the addresses that are its own (virtual IPs of ours left out).

    `single` are those of them that stand alone (/32, /128), as virtual IPs do that another program configured.
    """

    devices: Mapping[str, frozenset[Address]] = field(default_factory=dict)
    single: frozenset[Address] = frozenset()

    def owner_of(self, address: Address) -> str | None:
        """Return the interface that has `address` as its own, or None."""
        return next((name for name, addresses in self.devices.items() if address in addresses), None)
