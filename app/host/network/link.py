"""Interfaces and their addresses as values, and what the kernel reports about them."""

from dataclasses import dataclass

from app.lvs.model.values import Address

IS_SECONDARY = 0x01
NO_DUPLICATE_DETECTION = 0x02
IS_DEPRECATED = 0x20
IS_PERMANENT = 0x80
"""IFA_F_SECONDARY, IFA_F_NODAD, IFA_F_DEPRECATED and IFA_F_PERMANENT (linux/if_addr.h)."""


@dataclass(frozen=True, slots=True)
class Link:
    """A network interface. `is_up`: administratively up and with a carrier; `hardware` is empty if it has none.

    `other_names` are its alternative names, by which it can be named wherever its name is accepted.
    """

    index: int
    name: str
    is_up: bool
    hardware: str
    has_arp: bool = True
    other_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LinkAddress:
    """An address on the interface `index`, with everything needed to add it again."""

    index: int
    address: Address
    prefix: int
    label: str | None = None
    broadcast: str | None = None
    scope: int = 0
    flags: int = 0


@dataclass(frozen=True, slots=True)
class Listing:
    """Everything in a network namespace at one moment."""

    links: tuple[Link, ...]
    addresses: tuple[LinkAddress, ...]


@dataclass(frozen=True, slots=True)
class LinkNotice:
    """An interface was added or changed, or it `is_gone`; `link` is its latest state."""

    link: Link
    is_gone: bool


@dataclass(frozen=True, slots=True)
class AddressNotice:
    """An address was added or changed, or it `is_gone`."""

    address: LinkAddress
    is_gone: bool


@dataclass(frozen=True, slots=True)
class Relisted:
    """Events were lost, or a listing found a change that no event had reported: check everything."""


Notice = LinkNotice | AddressNotice | Relisted
