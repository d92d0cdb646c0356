"""Network namespaces: made, entered, set up and removed with as few processes as can be.

In an embedded kernel each process costs some hundred milliseconds, and a cluster has half a dozen namespaces.
"""

import ctypes
import os
import signal
import subprocess
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

_DIRECTORY = Path("/run/netns")
_CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)


def add(names: Collection[str]) -> None:
    """Create namespaces in which IPv6 addresses can be used at once and packets may come by any way."""
    _ip(f"netns add {name}" for name in names)
    for name in names:
        set_sysctls(name, {"net.ipv6.conf.default.accept_dad": 0, "net.ipv4.conf.all.rp_filter": 0})


def delete(names: Collection[str]) -> None:
    """Delete those of the namespaces that exist, with all processes in them."""
    there = [name for name in names if (_DIRECTORY / name).exists()]
    end_all(there)
    _ip(f"netns delete {name}" for name in there)


def ip(name: str, lines: Iterable[str], *, is_forced: bool = False) -> None:
    """Run `lines` of ip commands in namespace `name`, in one process; with `is_forced`, failures are ignored."""
    _ip(lines, "-netns", name, *(["-force"] if is_forced else []), is_forced=is_forced)


def set_sysctls(name: str, values: Mapping[str, int]) -> None:
    """Set sysctls, named with dots, in namespace `name`."""
    with entered(name):
        for key, value in values.items():
            Path("/proc/sys", *key.split(".")).write_text(f"{value}\n")


def has_interface(name: str, interface: str) -> bool:
    """Return whether namespace `name` has that interface."""
    with entered(name):
        return Path("/proc/sys/net/ipv4/conf", interface).exists()


def end_all(names: Collection[str]) -> None:
    """Kill all processes in the namespaces."""
    inodes = {(_DIRECTORY / name).stat().st_ino for name in names}
    for process in Path("/proc").iterdir():
        # One that ends meanwhile has no namespace any more.
        with suppress(OSError):
            if process.name.isdigit() and (process / "ns/net").stat().st_ino in inodes:
                os.kill(int(process.name), signal.SIGKILL)


@contextmanager
def entered(name: str) -> Iterator[None]:
    """Move this thread into namespace `name` and back."""
    before = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    try:
        enter(name)
        yield
    finally:
        _enter(Path(f"/proc/self/fd/{before}"))
        os.close(before)


def enter(name: str) -> None:
    """Move this thread into namespace `name`, for good."""
    _enter(_DIRECTORY / name)


def _enter(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        if _libc.setns(descriptor, _CLONE_NEWNET) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number), str(path))
    finally:
        os.close(descriptor)


def _ip(lines: Iterable[str], *options: str, is_forced: bool = False) -> None:
    text = "".join(f"{line}\n" for line in lines)
    errors = subprocess.DEVNULL if is_forced else None
    if text:
        subprocess.run(["ip", *options, "-batch", "-"], input=text, text=True, check=not is_forced, stderr=errors)
