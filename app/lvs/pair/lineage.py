"""Which of two configurations is the newer one, or that neither is: revisions and their descent, as values.

A clock decides nothing here, and no serial number alone: two routers that were edited apart may both be at 42.
"""

import enum
from collections.abc import Callable
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Annotated

from msgspec import Meta, Struct

SERIAL_MAX = 2**31 - 1
PARENTS_MAX = 8


class RevisionId(Struct, frozen=True, order=True, array_like=True, forbid_unknown_fields=True):
    """The identity of one revision: its serial, and the SHA-256 of its lvs.cf in hexadecimal.

    A message holds it as an array; the bounds apply to what is read from one.
    """

    serial_no: Annotated[int, Meta(ge=0, le=SERIAL_MAX)]
    fingerprint: Annotated[str, Meta(pattern=r"^([0-9a-f]{64})?\Z")]

    @property
    def is_nothing(self) -> bool:
        """Whether nothing was ever accepted: what every other version descends from."""
        return self.serial_no == 0


NOTHING = RevisionId(0, "")


class LineageLink(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A revision and its parents: none for the first one, two where an administrator chose between two."""

    version: RevisionId
    parents: Annotated[tuple[RevisionId, ...], Meta(max_length=PARENTS_MAX)]


Parents = Callable[[RevisionId], tuple[RevisionId, ...] | None]
"""Returns what a version was made from; None: that is not known."""


class Relation(enum.Enum):
    """How this router's configuration stands to its partner's."""

    AGREED = "the same"
    AHEAD = "ours is newer"
    BEHIND = "theirs is newer"
    DIVERGED = "both were edited, and neither contains the other's changes"


def descent(newer: RevisionId, older: RevisionId, parents: Parents) -> list[LineageLink] | None:
    """Return how `newer` comes from `older`, newest first, without `older`; None: it does not, as far as known.

    Serials fall towards the parents, so nothing below the serial of `older` is looked at.
    """
    if newer == older:
        return []
    links: list[LineageLink] = []
    is_met = older.is_nothing
    waiting = [_Newest(newer)]
    seen = {newer}
    while waiting:
        version = heappop(waiting).version
        made_from = parents(version) or ()
        links.append(LineageLink(version, made_from))
        for parent in made_from:
            is_met |= parent == older
            if parent not in seen and older.serial_no < parent.serial_no < version.serial_no:
                seen.add(parent)
                heappush(waiting, _Newest(parent))
    return links if is_met else None


def standing(mine: RevisionId, theirs: RevisionId, *, is_theirs_mine: bool, is_mine_theirs: bool) -> Relation:
    """Return how `mine` stands to `theirs`; each router answers for its own line whether the other's is in it."""
    if mine == theirs:
        return Relation.AGREED
    if is_theirs_mine and not is_mine_theirs:
        return Relation.AHEAD
    if is_mine_theirs and not is_theirs_mine:
        return Relation.BEHIND
    return Relation.DIVERGED


@dataclass(frozen=True, slots=True)
class _Newest:
    """Orders versions by their serial, the highest first."""

    version: RevisionId

    def __lt__(self, other: "_Newest") -> bool:
        return self.version.serial_no > other.version.serial_no
