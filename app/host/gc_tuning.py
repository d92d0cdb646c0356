"""Memory settings of a daemon: it keeps freed memory for the next change, and does without collecting cycles."""

import ctypes
import gc
from collections.abc import Iterator
from contextlib import contextmanager

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""Of mallopt(3), malloc.h."""
_KEPT_BYTES = 16 << 20
_LARGE_BYTES = 32 << 20


def keep_freed_memory() -> None:
    """Keep up to 16 MiB of freed memory, and allocate blocks below 32 MiB from it.

    Otherwise each lvs.cf of a megabyte is read into pages that the kernel has to find and clear again. In the
    embedded kernel that takes 9 of the 20 ms until a weight changed among 1,000 virtual servers is in the
    kernel. C libraries other than glibc have no such settings and are not changed.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_TRIM_THRESHOLD, _KEPT_BYTES)
        mallopt(_MMAP_THRESHOLD, _LARGE_BYTES)


@contextmanager
def without_collecting() -> Iterator[None]:
    """Do not collect cycles within the block: reading a large lvs.cf, Python would go through all it has read.

    That takes a seventh of the time for reading it, and what is read has no cycles.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
