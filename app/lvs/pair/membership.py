"""Which router of a pair this one is, from the configuration and its own addresses: as Piranha decided it."""

import enum
from dataclasses import dataclass

from app.lvs.keywords.table import effective
from app.lvs.model.config import Config
from app.lvs.model.machine import Machine
from app.lvs.model.values import Address


class Side(enum.StrEnum):
    """The two routers by lvs.cf's words."""

    PRIMARY = "primary"
    BACKUP = "backup"

    @property
    def other(self) -> "Side":
        """The partner's side."""
        return Side.BACKUP if self is Side.PRIMARY else Side.PRIMARY


@dataclass(frozen=True, slots=True)
class Alone:
    """There is no pair. `stands_by`: this is the second router of one that is off; it serves no clients."""

    stands_by: bool = False


@dataclass(frozen=True, slots=True)
class Pair:
    """This router is `side` of a pair, known to each other by these addresses."""

    side: Side
    own: Address
    partner: Address


@dataclass(frozen=True, slots=True)
class NoPlace:
    """A pair is configured, and this router is in none of its places, or in both; `reason` says so."""

    reason: str


Membership = Alone | Pair | NoPlace


def place_in_pair(config: Config, machine: Machine) -> Membership:
    """Return the place of `machine` in the pair `config` describes."""
    primary, backup = config.primary, effective(config, "backup")
    is_primary = primary is not None and machine.owner_of(primary) is not None
    is_backup = bool(int(backup)) and machine.owner_of(backup) is not None
    if not effective(config, "backup_active") or not int(backup):
        return Alone(stands_by=is_backup and not is_primary)
    if primary is None or not int(primary):
        return NoPlace("A pair is configured without the primary's public IP: set it in GLOBAL SETTINGS.")
    if primary.version != backup.version:
        return NoPlace(
            f"The public addresses of the pair are {primary} and {backup}: VRRP requires both to be "
            "IPv4 or both IPv6."
        )
    if is_primary and is_backup:
        return NoPlace(
            f"This router has both public addresses of the pair, {primary} and {backup}: each router must have "
            "one. Remove one here, or correct REDUNDANCY."
        )
    if is_primary:
        return Pair(Side.PRIMARY, primary, backup)
    if is_backup:
        return Pair(Side.BACKUP, backup, primary)
    return NoPlace(
        f"This router has neither public address of the pair, {primary} (primary) or {backup} (backup): correct "
        "the addresses in GLOBAL SETTINGS and REDUNDANCY, or bring one of them up here."
    )


def tracked_interfaces(config: Config, pair: Pair, machine: Machine, on: frozenset[str]) -> tuple[str, ...]:
    """Return the interfaces whose link counts beside that of the public address, with `monitor_links`.

    They are those of the virtual IPs, `on`, and that of this router's private address.
    """
    if not effective(config, "monitor_links"):
        return ()
    private = config.primary_private if pair.side is Side.PRIMARY else config.backup_private
    of_private = machine.owner_of(private) if private is not None else None
    counted = on | ({of_private} if of_private is not None else set())
    return tuple(sorted(counted - {machine.owner_of(pair.own)} - {"lo"}))
