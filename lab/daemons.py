"""Runs pulse and the web part until one of them ends or a signal arrives.

Starts and ends the processes; the caller decides what they are and where they run.
"""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from types import FrameType

STOPPING_S = 10.0
LOOK_EVERY_S = 0.2


class Stopped(Exception):
    """A signal told this process to stop."""


@contextmanager
def stop_on_signals() -> Iterator[None]:
    """Raise Stopped, once, when SIGINT, SIGTERM or SIGHUP arrives; catch it at the end of the block."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        raise Stopped

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    with suppress(Stopped):
        yield


class Daemons:
    """Processes that run in parallel, each in its own session, because we pass Ctrl-C on in order."""

    def __init__(self) -> None:
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, commands: Mapping[str, list[str]], environment: Mapping[str, str]) -> None:
        """Start `commands` (name to argv)."""
        for name, command in commands.items():
            self._running[name] = subprocess.Popen(
                command, env=dict(environment), stdin=subprocess.DEVNULL, start_new_session=True
            )

    def ended(self) -> str:
        """Return a message about a process that ended on its own; empty while all run."""
        for name, process in self._running.items():
            if process.poll() is not None:
                return f"palometa {name} ended with status {process.returncode}"
        return ""

    def stop(self, *others: "Daemons") -> None:
        """Terminate all processes of these and `others`, the last one first, and kill those that remain."""
        groups = (self, *others)
        processes = [process for group in groups for process in reversed(group._running.values())]
        for process in processes:
            process.terminate()
        deadline = time.monotonic() + STOPPING_S
        for process in processes:
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=max(0.0, deadline - time.monotonic()))
        for group in groups:
            group.kill()

    def kill(self) -> None:
        """Kill all processes."""
        for process in self._running.values():
            process.kill()
            process.wait()
        self._running = {}


def run_together(commands: Mapping[str, list[str]], environment: Mapping[str, str]) -> int:
    """Run `commands` (name to argv) until one ends, then end the others; report which it was and return 1."""
    daemons = Daemons()
    try:
        daemons.start(commands, environment)
        while not (ended := daemons.ended()):
            time.sleep(LOOK_EVERY_S)
        sys.stderr.write(f"{ended}: stopping the others.\n")
        return 1
    finally:
        daemons.stop()
