"""Reads a configuration for a command, from lvs.cf or JSON; fails with every problem and its position."""

import json
from pathlib import Path

from app.commands.failure import CommandFailed
from app.host.files.atomic_file import FileUnreadable, read
from app.host.names import PatientNames
from app.lvs.formats.config_json import JsonRefused, from_json
from app.lvs.grammar.positions import located
from app.lvs.grammar.reader import parse
from app.lvs.model.config import Config
from app.lvs.model.printable import visible
from app.lvs.model.problem import Problem, Severity
from app.lvs.rules.rulebook import check, judged_for_running


def load(path: Path) -> Config:
    """Return the configuration in `path`; raise CommandFailed if it cannot be read or breaks a rule."""
    return load_data(path, read_file(path))


def load_data(path: Path, data: bytes) -> Config:
    """Return the configuration in `data`, the contents of `path`; raise CommandFailed as `load` does."""
    config = _understood(path, data)
    refuse_errors(path, located(config, judged_for_running(config, check(config))))
    return config


def understand(path: Path) -> Config:
    """Return the configuration in `path` without checking the rules; raise CommandFailed if it cannot be read."""
    return _understood(path, read_file(path))


def _understood(path: Path, data: bytes) -> Config:
    # No line of an lvs.cf begins with an opening brace.
    if data.lstrip()[:1] == b"{":
        return _from_json(path, data)
    reading = parse(data, PatientNames())
    refuse_errors(path, reading.problems)
    if reading.config is None:
        raise AssertionError("a reading without errors has a configuration")
    return reading.config


def read_file(path: Path) -> bytes:
    """Return the contents of `path`; raise CommandFailed if it cannot be read."""
    try:
        data = read(path)
    except FileUnreadable as unreadable:
        raise CommandFailed(str(unreadable)) from unreadable
    if data is None:
        raise CommandFailed(f"{path} does not exist: specify an existing file.")
    return data


def refuse_errors(path: Path, problems: tuple[Problem, ...]) -> None:
    """Raise CommandFailed with the errors in `problems`, if any."""
    errors = [problem for problem in problems if problem.severity is Severity.ERROR]
    if errors:
        lines = "\n".join(problem_line(path, problem) for problem in errors)
        raise CommandFailed(f"{path} has errors:\n{lines}")


def problem_line(path: Path, problem: Problem) -> str:
    """Return `problem` in the style of compilers: ``FILE:LINE:COLUMN: severity: message``."""
    place = f":{problem.line}:{problem.column}" if problem.line else ""
    where = "" if problem.line or not problem.path else f"{visible('.'.join(map(str, problem.path)))}: "
    return f"{path}{place}: {problem.severity}: {where}{problem.message}"


def _from_json(path: Path, data: bytes) -> Config:
    try:
        return from_json(json.loads(data))
    except JsonRefused as refused:
        refuse_errors(path, refused.problems)
        raise
    except (ValueError, RecursionError) as error:
        raise CommandFailed(f"{path} is not valid JSON: {error}.") from error
