"""Which of two configurations is the newer one, or that neither is: revisions and their descent, as values.

A clock decides nothing here, and no serial number alone: two routers that were edited apart may both be at 42.
"""

import enum
from collections.abc import Callable
from dataclasses import dataclass
from heapq import heappop, heappush


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """The identity of one revision: its serial, and the SHA-256 of its lvs.cf in hexadecimal."""

    serial_no: int
    fingerprint: str

    @property
    def is_nothing(self) -> bool:
        """Whether nothing was ever accepted: what every other version descends from."""
        return self.serial_no == 0


NOTHING = Version(0, "")


@dataclass(frozen=True, slots=True)
class Link:
    """A revision and those it was made from: none for a first one, two where somebody chose between two."""

    version: Version
    parents: tuple[Version, ...]


Parents = Callable[[Version], tuple[Version, ...] | None]
"""Tells what a version was made from; None: that is not known."""


class Standing(enum.Enum):
    """How this router's configuration stands to its partner's."""

    AGREED = "the same"
    AHEAD = "ours is newer"
    BEHIND = "theirs is newer"
    DIVERGED = "both were edited, and neither holds the other's changes"


def descent(newer: Version, older: Version, parents: Parents) -> list[Link] | None:
    """Return how `newer` comes from `older`, newest first, without `older`; None: it does not, as far as known.

    Serials fall towards the parents, so nothing below the serial of `older` is looked at.
    """
    if newer == older:
        return []
    links: list[Link] = []
    is_met = older.is_nothing
    waiting = [_Newest(newer)]
    seen = {newer}
    while waiting:
        version = heappop(waiting).version
        made_from = parents(version) or ()
        links.append(Link(version, made_from))
        for parent in made_from:
            is_met |= parent == older
            if parent not in seen and older.serial_no < parent.serial_no < version.serial_no:
                seen.add(parent)
                heappush(waiting, _Newest(parent))
    return links if is_met else None


def standing(mine: Version, theirs: Version, *, is_theirs_mine: bool, is_mine_theirs: bool) -> Standing:
    """Return how `mine` stands to `theirs`; each router answers for its own line whether the other's is in it."""
    if mine == theirs:
        return Standing.AGREED
    if is_theirs_mine and not is_mine_theirs:
        return Standing.AHEAD
    if is_mine_theirs and not is_theirs_mine:
        return Standing.BEHIND
    return Standing.DIVERGED


@dataclass(frozen=True, slots=True)
class _Newest:
    """Orders versions by their serial, the highest first."""

    version: Version

    def __lt__(self, other: "_Newest") -> bool:
        return self.version.serial_no > other.version.serial_no
