"""`palometa check`: reports whether each file loads, with all its errors and warnings."""

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.commands.failure import CommandFailed
from app.commands.load_config import problem_line, read_file
from app.exit_codes import ExitCode
from app.host.names import PatientNames
from app.host.network.this_machine import machine_with
from app.lvs.checks.origin import CheckOrigin
from app.lvs.grammar.lexer import lines_of
from app.lvs.grammar.positions import located
from app.lvs.grammar.reader import decode, parse
from app.lvs.model.printable import visible
from app.lvs.model.problem import Problem, Severity
from app.lvs.pair.interface_names import devices_of
from app.lvs.piranha.parser import parse_as_piranha
from app.lvs.rules.rulebook import check as check_rules
from app.lvs.rules.rulebook import judged_for_running
from app.lvs.rules.this_machine import machine_warnings
from app.settings import Settings


@dataclass(frozen=True, slots=True)
class FileVerdict:
    """The result for one file; `lines` is its text, to quote the lines with problems."""

    file: Path
    problems: tuple[Problem, ...]
    lines: tuple[str, ...] = ()

    @property
    def is_ok(self) -> bool:
        """Whether there are no errors."""
        return all(problem.severity is not Severity.ERROR for problem in self.problems)

    def to_json(self) -> dict[str, Any]:
        """Return the verdict as JSON values."""
        return {
            "file": str(self.file),
            "ok": self.is_ok,
            "problems": [
                {
                    "line": problem.line,
                    "column": problem.column,
                    "severity": problem.severity,
                    "message": problem.message,
                }
                for problem in self.problems
            ],
        }


def check(settings: Settings, options: argparse.Namespace) -> ExitCode:
    """Print the problems of each file, or `ok`; return FAILED if any file has errors."""
    verdicts = [judge(file, as_piranha=options.piranha) for file in options.file]
    if options.json:
        print(json.dumps([verdict.to_json() for verdict in verdicts], indent=2))
    else:
        for verdict in verdicts:
            print("\n".join(text_lines(verdict)))
    return ExitCode.DONE if all(verdict.is_ok for verdict in verdicts) else ExitCode.FAILED


def judge(file: Path, *, as_piranha: bool = False) -> FileVerdict:
    """Read `file` and return its problems; with `as_piranha`, only those Piranha's parser would report."""
    try:
        data = read_file(file)
    except CommandFailed as failed:
        return FileVerdict(file, (Problem(Severity.ERROR, (), str(failed)),))
    reading = (parse_as_piranha if as_piranha else parse)(data, PatientNames())
    problems = reading.problems
    if reading.config is not None and not as_piranha:
        here = machine_warnings(
            reading.config, machine_with(devices_of(reading.config), CheckOrigin(reading.config).floating)
        )
        problems += located(
            reading.config, (*judged_for_running(reading.config, check_rules(reading.config)), *here)
        )
    ordered = tuple(sorted(problems, key=lambda problem: (problem.line, problem.column)))
    return FileVerdict(file, ordered, tuple(lines_of(decode(data)[0])))


def text_lines(verdict: FileVerdict) -> list[str]:
    """Return the verdict in the style of compilers: each problem with its line and a caret below it."""
    if not verdict.problems:
        return [f"{verdict.file}: ok"]
    lines: list[str] = []
    for problem in verdict.problems:
        lines.append(problem_line(verdict.file, problem))
        if 0 < problem.line <= len(verdict.lines):
            shown = visible(verdict.lines[problem.line - 1].rstrip("\r\n").expandtabs(1))
            lines += [f"    {shown}", f"    {' ' * max(problem.column - 1, 0)}^"]
    return lines
