"""What a part of lvs.cf says once it is read: its block, its global keys, and its problems, each with its place.

Nothing here knows which line of the file the part begins at, so that it holds wherever the part moves.
"""

from dataclasses import dataclass
from typing import NamedTuple

from app.lvs.model.config import VirtualServer
from app.lvs.model.keyword import Place, Value
from app.lvs.model.problem import Path, Severity


class Located(NamedTuple):
    """A problem; `is_inside` the block, whose own path comes before. `line` and `column` count from 0."""

    severity: Severity
    is_inside: bool
    path: Path
    line: int
    column: int
    message: str


class Setting(NamedTuple):
    """A global key that is set; `line` and `column` count from 0."""

    key: str
    value: Value
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Stretch:
    """A virtual or failover block with the global lines after it, or the global lines before the first.

    `tail` is the global text after the block, without `lead`: the comments at the end, which belong to the
    block that follows. `open_line` is the line of a block that is not closed, None if all are.
    `is_lasting` False: it holds a host name, whose address may be another next time.
    """

    place: Place
    block: VirtualServer | None
    tail: str
    lead: str
    settings: tuple[Setting, ...]
    problems: tuple[Located, ...]
    line_count: int
    open_line: int | None
    is_lasting: bool
