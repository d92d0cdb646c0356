"""Programs of Palometa and of the lab; for the tests, forked from a process that has loaded their modules already.

In the embedded kernel pulse takes two seconds to start, and what shows a page takes seven, almost all of it to
load modules; forked, either takes a tenth of a second. Tests of the start itself run the installed command.
"""

import importlib
import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import IO

from lab import namespaces
from lab.privileges import Privileges

PALOMETA = "app.cli"
_forking = multiprocessing.get_context("forkserver")
_are_forked = False


@dataclass(frozen=True, slots=True)
class Program:
    """What to run: `main(arguments)` of `module`; by default in the caller's network namespace and environment.

    Output and errors are appended to the files of these names; without one they go where those of the caller do.
    """

    module: str
    arguments: Sequence[str]
    namespace: str | None = None
    environment: Mapping[str, str] | None = None
    privileges: Privileges | None = None
    output: Path | None = None
    errors: Path | None = None


class Forked:
    """A program that runs, forked: what is used of subprocess.Popen here."""

    def __init__(self, program: Program, *, is_read: bool = False) -> None:
        """Start it; with `is_read`, its output can be read from `stdout`."""
        self.args = [program.module, *program.arguments]
        self.stdout: IO[str] | None = None
        environment = dict(os.environ if program.environment is None else program.environment)
        reader, writer = _forking.Pipe(duplex=False)
        with reader, writer:
            told = (program, environment, writer if is_read else None)
            self._process = _forking.Process(target=_become, args=told, daemon=True)
            self._process.start()
            if is_read:
                self.stdout = os.fdopen(os.dup(reader.fileno()))

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid or 0

    def poll(self) -> int | None:
        """Return the exit status, or the negative number of the signal that ended it; None while it runs."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit status once it has ended; raise subprocess.TimeoutExpired after `timeout` seconds."""
        self._process.join(timeout)
        status = self.poll()
        if status is None:
            raise subprocess.TimeoutExpired(self.args, timeout or 0.0)
        return status

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Send it SIGTERM."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Send it SIGKILL."""
        self.send_signal(signal.SIGKILL)


Running = subprocess.Popen[str] | Forked


def fork_from_now_on() -> None:
    """Fork what is started in this process from now on, from one that loads `lab.preloaded` first."""
    global _are_forked
    _forking.set_forkserver_preload(["lab.preloaded"])
    _are_forked = True


def start(program: Program, *, is_read: bool = False) -> Running:
    """Start `program`; with `is_read`, its output can be read from `stdout`."""
    if _are_forked:
        return Forked(program, is_read=is_read)
    namespace = ["ip", "netns", "exec", program.namespace] if program.namespace is not None else []
    privileges = program.privileges.setpriv if program.privileges is not None else ()
    with ExitStack() as files:
        output = files.enter_context(program.output.open("a")) if program.output is not None else None
        errors = files.enter_context(program.errors.open("a")) if program.errors is not None else None
        return subprocess.Popen(
            [*namespace, *privileges, sys.executable, "-m", program.module, *program.arguments],
            env=program.environment,
            cwd=Path(__file__).parents[1],
            stdout=subprocess.PIPE if is_read else output,
            stderr=errors,
            text=True,
            start_new_session=True,
        )


def run(program: Program, timeout_s: float) -> subprocess.CompletedProcess[str]:
    """Run `program` to its end and return its output; raise subprocess.TimeoutExpired after that time."""
    with tempfile.TemporaryDirectory() as name:
        output, errors = Path(name, "output"), Path(name, "errors")
        running = start(replace(program, output=output, errors=errors))
        try:
            status = running.wait(timeout_s)
        finally:
            running.kill()
        return subprocess.CompletedProcess(running.args, status, output.read_text(), errors.read_text())


def _become(program: Program, environment: dict[str, str], writer: Connection | None) -> None:
    """Become `program`, in a process that was forked for it."""
    os.setsid()
    if writer is not None:
        os.dup2(writer.fileno(), 1)
        writer.close()
    for number, path in ((1, program.output), (2, program.errors)):
        if path is not None:
            descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
            os.dup2(descriptor, number)
            os.close(descriptor)
    if program.namespace is not None:
        namespaces.enter(program.namespace)
    if program.privileges is not None:
        program.privileges.take_on()
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = [program.module, *program.arguments]
    sys.exit(importlib.import_module(program.module).main(list(program.arguments)))
