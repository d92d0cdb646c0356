"""Which interfaces had no link, or have another hardware address: what was announced on them may be forgotten."""

from collections.abc import Collection, Mapping
from typing import NamedTuple


class LinkChange(NamedTuple):
    """Interfaces with a link, by name: those that had none until now, and those with another hardware address."""

    returned: frozenset[str]
    moved: frozenset[str]


class LinkChanges:
    """Told of each that begins, by what is seen or by a notice: it may be over before anybody looks."""

    def __init__(self) -> None:
        self._hardware: dict[str, str] = {}
        self._without_link: set[str] = set()

    def begin(self, interfaces: Collection[str]) -> None:
        """Note that `interfaces` have no link, or had none for a moment."""
        self._without_link |= set(interfaces)

    def end(self, hardware: Mapping[str, str]) -> LinkChange:
        """Return what is over, each once; `hardware` is the address of every interface that has a link now."""
        moved = frozenset(name for name in hardware if self._hardware.get(name, hardware[name]) != hardware[name])
        returned = frozenset(self._without_link & hardware.keys())
        self._without_link -= returned
        self._hardware |= hardware
        return LinkChange(returned, moved)
