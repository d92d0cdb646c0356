"""Boots the embedded kernel: Debian's user-mode-linux, a real kernel with IPVS that runs as an ordinary process.

Owns linux.uml's command line, its run directory, and its end. Knows nothing of clusters or of Palometa.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from lab.console import Console
from lab.registers import preload

KERNEL = "linux.uml"
SHARE = "/mnt/share"
STATE = "/mnt/state"
STOPPING_S = 15.0
TIMED_OUT = 124
DID_NOT_RUN = 125
_PANIC = b"Kernel panic"
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True, slots=True)
class Guest:
    """What to run in an embedded kernel, and what it can write on this machine.

    `share` is a directory it can write, passed in PALOMETA_LAB_SHARE; `state` an ext4 image that appears as
    /mnt/state; `tap` the network interface joined to the guest's vec0; `kernel_arguments` are added to the command
    line of the kernel. Without `time_limit_s` it runs until it ends on its own.
    """

    command: tuple[str, ...]
    environment: Mapping[str, str]
    directory: Path
    share: Path | None = None
    state: Path | None = None
    tap: str | None = None
    kernel_arguments: tuple[str, ...] = ()
    memory_mib: int = 3072
    time_limit_s: float | None = None


def run(guest: Guest) -> int:
    """Run `guest` with its output on our standard output; return its exit status.

    124: time limit reached. 125: the kernel ended before the command did. 128 and above: ended by a signal to us.
    """
    # Always below /tmp: the kernel command line requires short paths without spaces.
    with tempfile.TemporaryDirectory(prefix=f"palometa-lab-{os.getpid()}-", dir="/tmp") as name:
        directory = Path(name)
        _lay_out(directory, guest)
        log = directory / "kernel.log"
        ending = _run_kernel(directory, guest, log)
        if ending is not None:
            return ending
        status = directory / "status"
        if status.exists():
            return int(status.read_text())
        sys.stderr.write("The embedded kernel ended before the command did. Its last output:\n")
        words = log.read_text(errors="replace").splitlines(keepends=True)
        # The kernel's stack trace is long and does not help the user.
        sys.stderr.write("".join([line for line in words if not line.startswith(" [<")][-20:]))
        return DID_NOT_RUN


def _lay_out(directory: Path, guest: Guest) -> None:
    (directory / "init").symlink_to(Path(__file__).with_name("guest-init"))
    (directory / "command").write_bytes(b"".join(os.fsencode(word) + b"\0" for word in guest.command))
    inside = dict(guest.environment) | ({"PALOMETA_LAB_SHARE": SHARE} if guest.share else {})
    environment = (f"{name}={value}" for name, value in inside.items())
    (directory / "environment").write_bytes(b"".join(os.fsencode(line) + b"\0" for line in environment))
    (directory / "directory").write_text(str(guest.directory))
    if guest.share is not None:
        (directory / "share").write_text(str(guest.share.resolve()))
    # The guest mounts over /tmp, /mnt and others: what it needs from there is mounted again, read-only.
    trees = (Path(__file__).resolve().parent.parent, Path(sys.base_prefix).resolve())
    (directory / "trees").write_bytes(b"".join(os.fsencode(tree) + b"\0" for tree in trees))
    (directory / "uml").mkdir()


def _arguments(directory: Path, guest: Guest, console: Console, log: int) -> list[str]:
    arguments = [
        KERNEL,
        f"mem={guest.memory_mib}M",
        "root=/dev/root",
        "rootfstype=hostfs",
        "hostfs=/",
        "ro",
        "quiet",
        "panic=-1",
        f"init={directory / 'init'}",
        f"uml_dir={directory / 'uml'}",
        "con=null",
        f"con0=null,fd:{log}",
        f"con1=fd:{console.input_end},fd:{console.output_end}",
    ]
    if guest.state is not None:
        (directory / "state.img").symlink_to(guest.state.resolve())
        arguments.append(f"ubd0={directory / 'state.img'}")
    if guest.tap is not None:
        arguments.append(f"vec0:transport=tap,ifname={guest.tap}")
    return [*arguments, *guest.kernel_arguments]


def _run_kernel(directory: Path, guest: Guest, log: Path) -> int | None:
    """Boot, relay the output, and end the kernel on a signal; return why it was ended, or None."""
    with Console() as console, log.open("wb") as log_file, _stop_signals() as stopped:
        kernel = subprocess.Popen(
            [*_enclosure(), *_arguments(directory, guest, console, log_file.fileno())],
            stdin=subprocess.DEVNULL,
            pass_fds=(console.input_end, console.output_end, log_file.fileno()),
            env={**os.environ, **preload(), "TMPDIR": _memory_directory(guest.memory_mib)},
            start_new_session=True,
        )
        console.close_guest_ends()
        try:
            return _follow(kernel, console, stopped, guest.time_limit_s, log)
        finally:
            _end(kernel)


def _follow(
    kernel: subprocess.Popen[bytes], console: Console, stopped: list[int], time_limit_s: float | None, log: Path
) -> int | None:
    deadline = None if time_limit_s is None else time.monotonic() + time_limit_s
    ending: int | None = None
    while True:
        said = console.heard(within_s=0.2)
        if said:
            sys.stdout.buffer.write(said)
            sys.stdout.buffer.flush()
        elif said == b"" or kernel.poll() is not None or _PANIC in log.read_bytes():
            # A crashed kernel may spin for ever instead of ending.
            return ending
        if ending is None and stopped:
            ending = 128 + stopped[0]
            console.interrupt()
            deadline = time.monotonic() + STOPPING_S
        if deadline is not None and time.monotonic() > deadline:
            if ending is None:
                sys.stderr.write(f"Stopped at the time limit of {time_limit_s:g} s.\n")
                ending = TIMED_OUT
            return ending


def _enclosure() -> list[str]:
    """Return the command prefix for linux.uml that makes it end even if we are killed.

    The guest's programs are processes of this machine, which outlive a killed kernel: as root, a process namespace
    ends them too.
    """
    ends_with_us = ["setpriv", "--pdeathsig", "KILL", "--"]
    namespace = ["unshare", "--pid", "--fork", "--kill-child", "--"]
    if (
        os.geteuid() == 0
        and subprocess.run([*namespace, "true"], capture_output=True, check=False).returncode == 0
    ):
        return [*ends_with_us, *namespace]
    return ends_with_us


def _end(kernel: subprocess.Popen[bytes]) -> None:
    """End `kernel` with the processes of its guest's programs, which are in its process group or namespace."""
    with suppress(subprocess.TimeoutExpired):
        kernel.wait(timeout=1)
    with suppress(ProcessLookupError):
        os.killpg(kernel.pid, signal.SIGKILL)
    kernel.wait()


@contextmanager
def _stop_signals() -> Iterator[list[int]]:
    """Collect termination signals in the order they arrive, instead of being ended by them."""
    received: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        received.append(number)

    before = {number: signal.signal(number, note) for number in _SIGNALS}
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _memory_directory(memory_mib: int) -> str:
    """Return a directory for the guest's memory: in containers /dev/shm often has only 64 MB, or noexec."""
    for directory in ("/dev/shm", "/tmp", "/var/tmp"):  # noqa: S108 - linux.uml makes an unlinked file there
        with suppress(OSError):
            is_noexec = bool(os.statvfs(directory).f_flag & os.ST_NOEXEC)
            if not is_noexec and shutil.disk_usage(directory).free > memory_mib << 20:
                return directory
    raise SystemExit(
        f"The embedded kernel needs {memory_mib} MiB in /dev/shm, /tmp or /var/tmp, mounted without noexec: "
        "none of them has that. Free some space."
    )
