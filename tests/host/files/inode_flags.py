"""The marks that chattr(1) sets, here without it, as not every machine has it."""

import array
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

APPEND_ONLY, IMMUTABLE = 0x20, 0x10
_GET_FLAGS, _SET_FLAGS = 0x80086601, 0x40086602


@contextmanager
def marked(path: Path, flag: int) -> Iterator[None]:
    """Mark `path` within the block; skip the test where its file system knows no such mark."""
    descriptor = os.open(path, os.O_RDONLY)
    flags = array.array("l", [0])
    try:
        fcntl.ioctl(descriptor, _GET_FLAGS, flags)
        fcntl.ioctl(descriptor, _SET_FLAGS, array.array("l", [flags[0] | flag]))
    except OSError as error:
        os.close(descriptor)
        pytest.skip(f"the file system of {path} has no such mark: {error.strerror}")
    try:
        yield
    finally:
        fcntl.ioctl(descriptor, _SET_FLAGS, flags)
        os.close(descriptor)
