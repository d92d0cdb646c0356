"""The addresses the two routers of a pair know each other by; Piranha's rule for the private ones."""

from dataclasses import dataclass

from app.lvs.model.config import Config
from app.lvs.model.values import Address


@dataclass(frozen=True, slots=True)
class HeartbeatAddresses:
    """The private addresses of the two routers; None: not set."""

    primary: Address | None
    backup: Address | None


def heartbeat_addresses(config: Config) -> HeartbeatAddresses:
    """Return the private addresses in force.

    Without `primary_private`, where there is a `primary`, both are the public ones and a `backup_private` does
    not count; with it, each is what it says.
    """
    if config.primary is not None and config.primary_private is None:
        return HeartbeatAddresses(config.primary, config.backup)
    return HeartbeatAddresses(config.primary_private, config.backup_private)
