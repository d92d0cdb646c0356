"""A part of lvs.cf once it is read: its block, its global keys, and its problems, each with its place.

Nothing here knows which line of the file the part begins at, so that it holds wherever the part moves.
"""

from dataclasses import dataclass
from typing import NamedTuple

from app.lvs.grammar.lexer import depth_change
from app.lvs.grammar.statement import Statement
from app.lvs.model.config import VirtualServer
from app.lvs.model.keyword import BlockKind, Value
from app.lvs.model.problem import Path, Severity


class RelativeProblem(NamedTuple):
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
class Section:
    """A virtual or failover block with the global lines after it, or the global lines before the first.

    `tail` is the global text after the block, without `lead`: the comments at the end, which belong to the
    block that follows. `open_line` is the line of a block that is not closed, None if all are.
    `is_lasting` False: it holds a host name, whose address may be another next time.
    """

    place: BlockKind
    block: VirtualServer | None
    tail: str
    lead: str
    settings: tuple[Setting, ...]
    problems: tuple[RelativeProblem, ...]
    line_count: int
    open_line: int | None
    is_lasting: bool


class Cursor:
    """Lines being read; `at` is the number of the current one, from 0."""

    __slots__ = ("at", "is_lasting", "lines", "problems")

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.at = 0
        self.problems: list[RelativeProblem] = []
        self.is_lasting = True

    def note(self, statement: Statement, is_inside: bool, path: Path, at: int) -> None:
        """Keep the findings for the line `at`."""
        if statement.asked_host:
            self.is_lasting = False
        for severity, key, column, message in statement.findings:
            self.problems.append(RelativeProblem(severity, is_inside, path + key, at, column, message))

    def warn(self, is_inside: bool, path: Path, at: int, column: int, message: str) -> None:
        """Keep a warning."""
        self.problems.append(RelativeProblem(Severity.WARNING, is_inside, path, at, column, message))

    def refuse(self, is_inside: bool, path: Path, at: int, column: int, message: str) -> None:
        """Keep an error."""
        self.problems.append(RelativeProblem(Severity.ERROR, is_inside, path, at, column, message))

    def warn_again(self, statement: Statement, path: Path, at: int) -> None:
        """Keep that a key of the block is set a second time."""
        message = f"{statement.word} is set twice; this line takes effect, delete the earlier one"
        self.warn(True, (*path, statement.word), at, statement.column, message)

    def skip_unknown_block(self) -> None:
        """Pass over a block nobody knows, with the blocks inside it; the current line opens it."""
        opened, depth = self.at, 1
        self.at += 1
        while self.at < len(self.lines):
            depth += depth_change(self.lines[self.at])
            self.at += 1
            if depth == 0:
                return
        self.refuse(False, (), opened, 0, "this block is not closed; write } on a line of its own after it")
