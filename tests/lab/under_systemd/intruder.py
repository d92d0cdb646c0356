"""What a web part that was taken over might try; run as a process of its unit. Uses the standard library only.

Reads from a file, its argument, what to do and the process id of pulse, and writes beside it what came of it.
"""

import ctypes
import errno
import json
import mmap
import os
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

NETLINK_GENERIC = 16
IP_VS_SO_SET_FLUSH = 1157
CLONE_NEWUSER = 0x10000000
PTRACE_ATTACH = 16
EATERS, BITE = 6, 240 << 20
"""Together more than the unit may have, and soon each more than a process of the pages. Not more for each: in the
embedded kernel every page may be a mapping of the machine's, which has 65,530 for a process."""
MOST_FORKS = 1000
_LIBC = ctypes.CDLL(None, use_errno=True)


def _call(name: str, *arguments: object) -> None:
    if getattr(_LIBC, name)(*arguments) == -1:
        raise OSError(ctypes.get_errno(), name)


def _flush() -> None:
    with socket.socket() as opened:
        opened.setsockopt(socket.IPPROTO_IP, IP_VS_SO_SET_FLUSH, b"")


def _ask_pulse() -> None:
    with socket.socket(socket.AF_UNIX) as opened:
        opened.connect("/run/palometa/pulse.sock")


def tries(pulse: int, own_file: Path) -> dict[str, Callable[[], object]]:
    """Return what is tried, by what is printed of it."""
    return {
        "change IPVS over netlink": lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_GENERIC),
        "flush IPVS": _flush,
        "raw socket": lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP),
        "packet socket": lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW),
        "become root": lambda: os.setuid(0),
        "user namespace": lambda: _call("unshare", CLONE_NEWUSER),
        "mount": lambda: _call("mount", b"none", b"/tmp", b"tmpfs", 0, None),
        "trace pulse": lambda: _call("ptrace", PTRACE_ATTACH, pulse, None, None),
        "stop pulse": lambda: os.kill(pulse, signal.SIGSTOP),
        "see pulse": lambda: Path(f"/proc/{pulse}/cmdline").read_bytes(),
        "change its priority": lambda: os.setpriority(os.PRIO_PROCESS, 0, 1),
        "run what it wrote": lambda: mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC),
        "set-user-ID file": lambda: own_file.chmod(0o4755),
        "write to /etc": lambda: Path("/etc/environment").write_text("LD_PRELOAD=x\n"),
        "write to the program": lambda: Path("/opt/palometa/x").write_text(""),
        "raise the unit's memory": lambda: Path(
            "/sys/fs/cgroup/system.slice/palometa-web.service/memory.max"
        ).write_text("max"),
        "look into /root": lambda: os.listdir("/root"),
        "write lvs.cf's directory": lambda: Path("/etc/sysconfig/ha/x").write_text(""),
        "connect to pulse": _ask_pulse,
    }


def attempt(pulse: int, own_file: Path) -> dict[str, str]:
    """Try everything once; return the name of the error, or "done"."""
    outcomes = {}
    for name, action in tries(pulse, own_file).items():
        try:
            action()
            outcomes[name] = "done"
        except OSError as refused:
            outcomes[name] = errno.errorcode[refused.errno or 0]
    return outcomes


def fork_until_refused() -> dict[str, object]:
    """Fork processes that stay; return how many there were, and why there were no more."""
    children: list[int] = []
    refusal = ""
    while not refusal and len(children) < MOST_FORKS:
        try:
            child = os.fork()
        except OSError as refused:
            refusal = errno.errorcode[refused.errno or 0]
            break
        if child == 0:
            signal.pause()
        children.append(child)
    for child in children:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    return {"forked": len(children), "refusal": refusal}


def eat_memory() -> dict[str, object]:
    """Let processes take memory and keep it, until one is killed or all have theirs; count both."""
    full, tell = os.pipe()
    os.set_blocking(full, False)
    children = set()
    for _ in range(EATERS):
        child = os.fork()
        if child == 0:
            # Filled by one call of the kernel, as each first touch of a page is dear in the embedded one.
            with mmap.mmap(-1, BITE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | mmap.MAP_POPULATE):
                os.write(tell, b"x")
                signal.pause()
        children.add(child)
    had = killed = 0
    while killed == 0 and had < EATERS:
        ended, status = os.waitpid(-1, os.WNOHANG)
        if ended:
            children.remove(ended)
            killed += os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        with suppress(BlockingIOError):
            had += len(os.read(full, EATERS))
        signal.sigtimedwait([], 0.1)
    for child in children:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    return {"killed": killed, "had": had}


def main(order: Path) -> None:
    """Do what `order` says, and write what came of it."""
    what, pulse = order.read_text().split()
    found = order.with_name("found")
    doing: dict[str, Callable[[], object]] = {
        "attempt": lambda: attempt(int(pulse), found),
        "fork": fork_until_refused,
        "eat": eat_memory,
    }
    found.write_text("{}")
    found.write_text(json.dumps(doing[what]()))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
