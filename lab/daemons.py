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


def run_together(commands: Mapping[str, list[str]], environment: Mapping[str, str]) -> int:
    """Run `commands` (name to argv) until one ends, then end the others; return 1 and say which it was."""
    running: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for name, command in commands.items():
            # In a session of its own: a Ctrl-C at the terminal is ours to pass on, in order.
            running[name] = subprocess.Popen(
                command, env=dict(environment), stdin=subprocess.DEVNULL, start_new_session=True
            )
        while True:
            for name, process in running.items():
                if process.poll() is not None:
                    sys.stderr.write(
                        f"palometa {name} ended with status {process.returncode}: stopping the rest.\n"
                    )
                    return 1
            time.sleep(0.2)
    finally:
        _end(list(reversed(running.values())))


def _end(processes: list[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        process.terminate()
    deadline = time.monotonic() + STOPPING_S
    for process in processes:
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=max(0.0, deadline - time.monotonic()))
        process.kill()
        process.wait()
