"""Which object of before each object of a replaced configuration is: the one of the same name, in order."""

from collections import defaultdict, deque
from collections.abc import Sequence
from typing import Protocol, TypeVar


class Named(Protocol):
    """A block with a name."""

    @property
    def name(self) -> str:
        """The name in lvs.cf."""


Row = TypeVar("Row")
Block = TypeVar("Block", bound=Named)


def matched(rows: Sequence[Row], names: Sequence[str], blocks: Sequence[Block]) -> list[tuple[Row | None, Block]]:
    """Pair each of `blocks` with the row that had its name; None: no row is left that had it.

    `names` are those of `rows`. Names may repeat: the second block of a name goes with the second row.
    """
    waiting: defaultdict[str, deque[Row]] = defaultdict(deque)
    for row, name in zip(rows, names, strict=True):
        waiting[name].append(row)
    return [(waiting[block.name].popleft() if waiting[block.name] else None, block) for block in blocks]
