"""The place a reader is at in its lines, and the problems it has met on the way."""

from app.lvs.grammar.lines import depth_change
from app.lvs.grammar.section import Located
from app.lvs.grammar.statement import Statement
from app.lvs.model.problem import Path, Severity


class Cursor:
    """Lines being read; `at` is the number of the current one, from 0."""

    __slots__ = ("at", "is_lasting", "lines", "problems")

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.at = 0
        self.problems: list[Located] = []
        self.is_lasting = True

    def note(self, statement: Statement, is_inside: bool, path: Path, at: int) -> None:
        """Keep what there is to say of the line `at`."""
        if statement.asked_host:
            self.is_lasting = False
        for severity, key, column, message in statement.findings:
            self.problems.append(Located(severity, is_inside, path + key, at, column, message))

    def warn(self, is_inside: bool, path: Path, at: int, column: int, message: str) -> None:
        """Keep a warning."""
        self.problems.append(Located(Severity.WARNING, is_inside, path, at, column, message))

    def refuse(self, is_inside: bool, path: Path, at: int, column: int, message: str) -> None:
        """Keep an error."""
        self.problems.append(Located(Severity.ERROR, is_inside, path, at, column, message))

    def warn_again(self, statement: Statement, path: Path, at: int) -> None:
        """Keep that a key of the block is set a second time."""
        message = f"{statement.word} is set again; this one counts, delete the one before"
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
