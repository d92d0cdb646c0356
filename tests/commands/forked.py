"""Runs a command of Palometa in a forked child, as another user if need be: to start Python each time is slow."""

import codecs
import os
import signal
import sys
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.cli import command_function, main
from tests.commands.every_command import command_names

LIMIT_S = 120
# Loaded once, in the process that forks.
for _name in command_names():
    command_function(_name)
for _name in ("latin-1", "utf-16-be", "utf-16-le", "utf-32-be", "utf-32-le"):
    codecs.lookup(_name)


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended: its exit status, minus the signal that ended it, and what it printed."""

    status: int
    output: str
    errors: str


def start(
    arguments: Sequence[str], environment: Mapping[str, str], said: Path, user: int | None = None, typed: str = ""
) -> int:
    """Start `palometa` in a child, as `user` with the group of that number; return its process ID.

    It has only the PALOMETA_ variables of `environment`, reads `typed`, and prints into `said`.out and `said`.err.
    """
    for end, text in ((".in", typed), (".out", ""), (".err", "")):
        said.with_suffix(end).unlink(missing_ok=True)
        said.with_suffix(end).write_text(text)
    child = os.fork()
    if child == 0:
        try:
            _become(arguments, environment, said, user)
        except SystemExit as ended:
            status = ended.code if isinstance(ended.code, int) else 1
        except BaseException:  # noqa: BLE001 - the parent has to see what Python itself would print
            traceback.print_exc()
            status = 99
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)
    return child


def wait(child: int, said: Path) -> Ended:
    """Wait for the end of the command."""
    _, status = os.waitpid(child, 0)
    return ended(status, said)


def ended(status: int, said: Path) -> Ended:
    """Return how a command ended that has this wait status."""
    code = os.waitstatus_to_exitcode(status)
    return Ended(code, said.with_suffix(".out").read_text(), said.with_suffix(".err").read_text())


def run(
    arguments: Sequence[str], environment: Mapping[str, str], said: Path, user: int | None = None, typed: str = ""
) -> Ended:
    """Run `palometa` to its end."""
    return wait(start(arguments, environment, said, user, typed), said)


def _become(arguments: Sequence[str], environment: Mapping[str, str], said: Path, user: int | None) -> None:
    signal.alarm(LIMIT_S)
    for number, end, flags in (
        (0, ".in", os.O_RDONLY),
        (1, ".out", os.O_WRONLY | os.O_APPEND),
        (2, ".err", os.O_WRONLY | os.O_APPEND),
    ):
        os.dup2(os.open(said.with_suffix(end), flags), number)
    sys.stdin, sys.stdout, sys.stderr = os.fdopen(0), os.fdopen(1, "w"), os.fdopen(2, "w")
    for name in [name for name in os.environ if name.startswith("PALOMETA_")]:
        del os.environ[name]
    os.environ.update(environment)
    if user is not None and os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    sys.exit(main(list(arguments)))
