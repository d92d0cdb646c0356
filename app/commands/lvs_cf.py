"""Reading an lvs.cf for a command: understood and judged, or given up with every problem."""

from pathlib import Path

from app.commands.failure import CommandFailed
from app.host.lvs_cf import read
from app.host.names import SystemNames
from app.lvs.config import Config
from app.lvs.problem import Problem, Severity
from app.lvs.reading import parse
from app.lvs.rules import check


def load(path: Path) -> Config:
    """Return the configuration in the file `path`; raise CommandFailed when it is missing or refused."""
    data = read(path)
    if data is None:
        raise CommandFailed(f"{path} is not there: name an lvs.cf that is.")
    reading = parse(data, SystemNames())
    problems = (*reading.problems, *(check(reading.config) if reading.config else ()))
    errors = [problem for problem in problems if problem.severity is Severity.ERROR]
    if reading.config is None or errors:
        lines = "\n".join(problem_line(path, problem) for problem in errors)
        raise CommandFailed(f"{path} is refused:\n{lines}")
    return reading.config


def problem_line(path: Path, problem: Problem) -> str:
    """Return `problem` as compilers write it: ``FILE:LINE:COLUMN: message``."""
    place = f":{problem.line}:{problem.column}" if problem.line else f" {'.'.join(map(str, problem.path))}"
    return f"{path}{place}: {problem.message}"
