"""A mount namespace of a test's own: what is mounted in it is gone with it, and nobody else sees it."""

import ctypes
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_NEW_MOUNTS = 0x20000
_libc = ctypes.CDLL(None, use_errno=True)

root_mounts = pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts")


@contextmanager
def own_mounts() -> Iterator[None]:
    """Move this thread, and what it starts, into a copy of the mounts; then back."""
    before = os.open("/proc/thread-self/ns/mnt", os.O_RDONLY)
    directory = Path.cwd()
    try:
        _require(_libc.unshare(_NEW_MOUNTS))
        try:
            mount("--make-rprivate", "/")
            yield
        finally:
            _require(_libc.setns(before, _NEW_MOUNTS))
            os.chdir(directory)
    finally:
        os.close(before)


def mount(*arguments: str | Path) -> None:
    """Run mount(8)."""
    subprocess.run(["mount", *arguments], check=True)


def _require(result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
