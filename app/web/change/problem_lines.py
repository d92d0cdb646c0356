"""The problems of a file as a page shows them: place, sentence, the line itself and a mark under it."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.lvs.grammar.lexer import lines_of
from app.lvs.grammar.positions import located
from app.lvs.grammar.reader import decode
from app.lvs.keywords.secret_keys import covered_line
from app.lvs.model.config import Config
from app.lvs.model.problem import Problem, Severity
from app.web.change.findings import in_words

SHOWN_MAX = 200
LINE_MAX = 120
BEFORE_MARK = 80


@dataclass(frozen=True, slots=True)
class ShownProblem:
    """One problem; `place` is ``LINE:COLUMN``, and `text` with `indent` the line and what stands before its mark.

    `place` and `text` are empty where the problem has no place in the file.
    """

    message: str
    place: str = ""
    text: str = ""
    indent: str = ""


@dataclass(frozen=True, slots=True)
class ShownProblems:
    """The problems of one file; `more_errors` and `more_warnings` are how many are left out."""

    errors: list[ShownProblem]
    warnings: list[ShownProblem]
    more_errors: int
    more_warnings: int

    @property
    def error_count(self) -> int:
        """How many errors there are."""
        return len(self.errors) + self.more_errors

    @property
    def warning_count(self) -> int:
        """How many warnings there are."""
        return len(self.warnings) + self.more_warnings


def show_problems(problems: Sequence[Problem], data: bytes, config: Config | None) -> ShownProblems:
    """Return the `problems` of the file `data`; `config` is its contents, as far as they could be parsed."""
    errors = [problem for problem in problems if problem.severity is Severity.ERROR]
    warnings = [problem for problem in problems if problem.severity is not Severity.ERROR]
    lines = lines_of(decode(data)[0])
    return ShownProblems(
        _shown(errors[:SHOWN_MAX], lines, config),
        _shown(warnings[:SHOWN_MAX], lines, config),
        max(0, len(errors) - SHOWN_MAX),
        max(0, len(warnings) - SHOWN_MAX),
    )


def _shown(problems: Sequence[Problem], lines: list[str], config: Config | None) -> list[ShownProblem]:
    found = located(config, tuple(problems)) if config is not None else problems
    ordered = sorted(found, key=lambda problem: (problem.line, problem.column))
    return [_show(problem, lines, config) for problem in ordered]


def _show(problem: Problem, lines: list[str], config: Config | None) -> ShownProblem:
    if not problem.line:
        where = ".".join(str(part) for part in problem.path)
        text = f"{where}: {problem.message}" if where else problem.message
        return ShownProblem(in_words(config, problem) if config is not None else text)
    place = f"{problem.line}:{problem.column}"
    if problem.line > len(lines):
        return ShownProblem(problem.message, place)
    text, indent = _cut(covered_line(lines[problem.line - 1].rstrip("\r\n")), max(0, problem.column - 1))
    return ShownProblem(problem.message, place, text, indent)


def _cut(line: str, column: int) -> tuple[str, str]:
    """Return the part of `line` round `column` that a page can show, and the blanks before the mark."""
    start = max(0, column - BEFORE_MARK) if len(line) > LINE_MAX else 0
    part = line[start : start + LINE_MAX]
    # A tab or a control character takes one column here as it does in the place.
    shown = "".join(character if character.isprintable() else " " for character in part)
    before, after = "…" if start else "", "…" if start + LINE_MAX < len(line) else ""
    return f"{before}{shown}{after}", " " * (len(before) + column - start)
