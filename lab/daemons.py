"""Runs pulse and the web part side by side until one of them ends or we are told to stop.

Owns their lives; what they are and where they run is the caller's.
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
    """Raise Stopped, once, where SIGINT, SIGTERM or SIGHUP arrives; swallow it at the end of the block."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        raise Stopped

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    with suppress(Stopped):
        yield


class Daemons:
    """Processes that run side by side; each in a session of its own, as a Ctrl-C is ours to pass on, in order."""

    def __init__(self) -> None:
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, commands: Mapping[str, list[str]], environment: Mapping[str, str]) -> None:
        """Start `commands` (name to argv)."""
        for name, command in commands.items():
            self._running[name] = subprocess.Popen(
                command, env=dict(environment), stdin=subprocess.DEVNULL, start_new_session=True
            )

    def ended(self) -> str:
        """Return what is to be said of one that has ended by itself; empty while all run."""
        for name, process in self._running.items():
            if process.poll() is not None:
                return f"palometa {name} ended with status {process.returncode}"
        return ""

    def stop(self, *others: "Daemons") -> None:
        """End all of these and of `others` at once, the last one first, kindly and then not."""
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
        """End all on the spot."""
        for process in self._running.values():
            process.kill()
            process.wait()
        self._running = {}


def run_together(commands: Mapping[str, list[str]], environment: Mapping[str, str]) -> int:
    """Run `commands` (name to argv) until one ends, then end the others; return 1 and say which it was."""
    daemons = Daemons()
    try:
        daemons.start(commands, environment)
        while not (ended := daemons.ended()):
            time.sleep(LOOK_EVERY_S)
        sys.stderr.write(f"{ended}: stopping the rest.\n")
        return 1
    finally:
        daemons.stop()
