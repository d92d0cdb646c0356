"""Real servers for the length of a test: started on ports of their own, awaited, and ended by number.

`lab/protocol-servers` installs their programs. All they write is in a directory of the test's.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

STARTING_S = 60.0
STOPPING_S = 10.0
_PROGRAMS = ("/usr/sbin", "/sbin")


def program(name: str, package: str) -> str:
    """Return the path of a server's program; skip the test where it is not installed, but fail in CI.

    In CI nobody reads of skipped tests. `name` may be a path or a pattern of one: the last one there is taken.
    """
    found = (
        max((str(path) for path in Path("/").glob(name.lstrip("/"))), default=None)
        if "/" in name
        else shutil.which(name, path=os.pathsep.join((os.environ.get("PATH", ""), *_PROGRAMS)))
    )
    if found is not None:
        return found
    lacking = f"{name} is not installed: it is in Debian's package {package}, and lab/protocol-servers installs it"
    if os.environ.get("CI"):
        pytest.fail(lacking, pytrace=False)
    pytest.skip(lacking)


def as_user(name: str, directory: Path) -> list[str]:
    """Return the words that run a command as the user `name`, and give the user `directory` with all in it.

    For servers that refuse to run as root; no words where the tests do not run as root.
    """
    if os.geteuid() != 0:
        return []
    user = pwd.getpwnam(name)
    for path in (directory, *directory.rglob("*")):
        os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)
    return ["setpriv", f"--reuid={name}", f"--regid={user.pw_gid}", "--init-groups", "--no-new-privs", "--"]


@contextmanager
def running(
    command: Sequence[str | Path],
    *,
    cwd: Path,
    port: int | None = None,
    ready: Callable[[], bool] | None = None,
    env: Mapping[str, str] | None = None,
    host: str = "127.0.0.1",
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server in the foreground; the block begins when it is ready and ends with its end.

    Ready is when it takes a TCP connection on `port`, or when `ready` returns true. What it says is in
    `cwd`/output, and in the error when it does not get ready. `env` is added to the environment.
    """
    is_ready = ready or (lambda: takes_connections(host, port or 0))
    output = cwd / "output"
    words = [str(word) for word in command]
    with output.open("ab") as said:
        process = subprocess.Popen(
            words,
            cwd=cwd,
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + STARTING_S
        while not is_ready():
            if process.poll() is not None or time.monotonic() > deadline:
                state = "is not ready" if process.returncode is None else f"ended with status {process.returncode}"
                pytest.fail(f"{words} {state}:\n{output.read_text(errors='replace')[-4000:]}", pytrace=False)
            time.sleep(0.05)
        yield process
    finally:
        _end(process)


def takes_connections(host: str, port: int) -> bool:
    """Return whether something takes a TCP connection there."""
    with suppress(OSError), socket.create_connection((host, port), timeout=1):
        return True
    return False


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=STOPPING_S)
    # Its children are of its session and group, which nobody else is in.
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
