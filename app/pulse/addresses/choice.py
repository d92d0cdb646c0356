"""Which addresses are adopted, relabelled, replaced and removed, from what is wanted, present and ours. No IO."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from app.host.network.addresses import label_of
from app.lvs.desired.addresses import VirtualAddress
from app.pulse.addresses.present import PresentAddresses, key_of


def adopted(
    wanted: Iterable[VirtualAddress], present: PresentAddresses, owned: Iterable[VirtualAddress]
) -> list[VirtualAddress]:
    """Return what is up and becomes ours: it was ours under another label, or has the label of an alias.

    Such an address was added by pulse, or by Piranha before it.
    """
    keys = {key_of(virtual) for virtual in owned}
    return [
        virtual
        for virtual in wanted
        if (found := present.find(virtual)) is not None
        and (key_of(virtual) in keys or (found.label is not None and ":" in found.label))
    ]


def mislabelled(
    up: Iterable[VirtualAddress], present: PresentAddresses, owned: Collection[VirtualAddress]
) -> list[VirtualAddress]:
    """Return those of ours that are `up` under another label than they should have."""
    return [
        virtual
        for virtual in up
        if virtual in owned
        and (found := present.find(virtual)) is not None
        and found.label is not None
        and found.label != (label_of(virtual) or virtual.interface)
    ]


def former(
    virtual: VirtualAddress, present: PresentAddresses, owned: Iterable[VirtualAddress]
) -> VirtualAddress | None:
    """Return what of ours is in the way of `virtual`; None: nothing.

    An interface has an IPv6 address with one prefix length only.
    """
    if virtual.address.version == 4:
        return None
    return next(
        (
            other
            for other in owned
            if (other.address, other.interface) == (virtual.address, virtual.interface)
            and other.prefix != virtual.prefix
            and other in present
        ),
        None,
    )


@dataclass(frozen=True, slots=True)
class Leaving:
    """What is ours and no longer wanted: `forgotten` is not there any more, `removed` is to be taken down now.

    `kept` stays until its address can be used where it moves to.
    """

    forgotten: tuple[VirtualAddress, ...]
    removed: tuple[VirtualAddress, ...]
    kept: tuple[VirtualAddress, ...]


def leaving(
    wanted: Collection[VirtualAddress],
    usable: Iterable[VirtualAddress],
    present: PresentAddresses,
    owned: frozenset[VirtualAddress],
) -> Leaving:
    """Return what happens to what is `owned` and not `wanted`; clients can use `usable` already."""
    still_used = {key_of(virtual) for virtual in wanted}
    awaited = {virtual.address for virtual in wanted} - {virtual.address for virtual in usable}
    forgotten, removed, kept = [], [], []
    for virtual in owned.difference(wanted):
        if virtual not in present or key_of(virtual) in still_used:
            forgotten.append(virtual)
        elif virtual.address in awaited:
            kept.append(virtual)
        else:
            removed.append(virtual)
    return Leaving(tuple(forgotten), tuple(removed), tuple(kept))
