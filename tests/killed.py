"""A process that is killed just before its n-th system call that changes a file, for every such call it makes.

strace sends the SIGKILL, so that SQLite's own writes are met as well, and nothing of the process runs afterwards.
"""

import ctypes
import os
import re
import shutil
import signal
import subprocess
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

CHANGING = (
    *("openat", "write", "writev", "pwrite64", "pwritev", "ftruncate", "fallocate", "fsync", "fdatasync"),
    *("rename", "renameat", "renameat2", "link", "linkat", "unlink", "unlinkat", "mkdir", "mkdirat"),
    *("fchmod", "fchown", "fsetxattr"),
)
"""Which of them there are depends on the processor. Of `openat` only those count that may create a file."""
_CALLS = ",".join(f"?{name}" for name in CHANGING)
_LINE = re.compile(r"(?:\d+ +)?(\w+)\((.*)")
_SET_PTRACER, _ANY = 0x59616D61, ctypes.c_ulong(-1)
Act = Callable[[Path], object]


def may_trace() -> bool:
    """Return whether processes that do not ask for it may be traced by a process that did not start them."""
    scope = Path("/proc/sys/kernel/yama/ptrace_scope")
    return os.geteuid() == 0 or not scope.exists() or scope.read_text().strip() == "0"


def kills(before: Path, act: Act, around: Path) -> Iterator[tuple[Path, str]]:
    """Yield, for each call, a copy of the directory `before` in which `act` was killed, and the call.

    `act` is called with the copy, in a process of its own, and does the same each time. The last copy, with "", is
    that of an `act` that was not killed. The copies are made in the directory `around`.
    """
    whole = Path(shutil.copytree(before, around / "whole"))
    log = around / "calls"
    assert _run(act, whole, log) == 0
    for name, number in _changing(log):
        copy = Path(shutil.copytree(before, around / f"{name}-{number}"))
        status = _run(act, copy, log, f"{name}:signal=SIGKILL:when={number}")
        assert status == -signal.SIGKILL, f"at {name} {number} it ended with {status}: {log.read_text()}"
        yield copy, f"{name} {number}"
        shutil.rmtree(copy)
    yield whole, ""


def _changing(log: Path) -> list[tuple[str, int]]:
    """Return each call in the log with its number among those of the same name."""
    counts = Counter[str]()
    found = list[tuple[str, int]]()
    for line in log.read_text().splitlines():
        if (match := _LINE.match(line)) is not None:
            name, arguments = match.groups()
            counts[name] += 1
            if name != "openat" or "O_CREAT" in arguments:
                found.append((name, counts[name]))
    return found


def _run(act: Act, directory: Path, log: Path, injected: str = "") -> int:
    """Run `act` in a child whose calls are written to `log`; return its exit status, negative for a signal."""
    waits, goes = os.pipe()
    child = os.fork()
    if child == 0:
        _be_traced(act, directory, waits, goes)
    os.close(waits)
    command = ["strace", "-p", str(child), "-o", str(log), "-e", f"trace={_CALLS}"]
    command += ["-e", f"inject={injected}"] if injected else []
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as strace:
        assert strace.stderr is not None
        try:
            said = strace.stderr.readline()
            assert "attached" in said, said
        finally:
            # Without this byte it ends at once.
            os.write(goes, b"x" if strace.poll() is None else b"")
            os.close(goes)
            _, status = os.waitpid(child, 0)
        strace.communicate()
    return os.waitstatus_to_exitcode(status)


def _be_traced(act: Act, directory: Path, waits: int, goes: int) -> None:
    status = 1
    try:
        os.close(goes)
        # Where only ancestors may trace (Yama), it permits others; elsewhere this does nothing.
        ctypes.CDLL(None).prctl(_SET_PTRACER, _ANY, 0, 0, 0)
        if os.read(waits, 1):
            act(directory)
            status = 0
    except BaseException:  # noqa: BLE001 - a child that was forked must not become a second pytest
        traceback.print_exc()
    finally:
        os._exit(status)
