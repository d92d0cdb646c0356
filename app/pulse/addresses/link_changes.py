"""Which interfaces have been without a link, or have a new hardware address: neighbours may not know it."""

from collections.abc import Collection, Mapping
from typing import NamedTuple


class LinkChange(NamedTuple):
    """Names of interfaces with a link: those that had none until now, and those with a new hardware address."""

    returned: frozenset[str]
    moved: frozenset[str]


class LinkChanges:
    """Collects interruptions as they begin: a short one may be over before the interfaces are checked."""

    def __init__(self) -> None:
        self._hardware: dict[str, str] = {}
        self._without_link: set[str] = set()

    def begin(self, interfaces: Collection[str]) -> None:
        """Note that `interfaces` have no link, or had none for a moment."""
        self._without_link |= set(interfaces)

    def end(self, hardware: Mapping[str, str]) -> LinkChange:
        """Return what is over, each once; `hardware` has the address of every interface with a link."""
        moved = frozenset(name for name in hardware if self._hardware.get(name, hardware[name]) != hardware[name])
        returned = frozenset(self._without_link & hardware.keys())
        self._without_link -= returned
        self._hardware |= hardware
        return LinkChange(returned, moved)
