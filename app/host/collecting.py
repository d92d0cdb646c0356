"""Python's search for garbage in cycles, held back while much is made that stays."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_collecting() -> Iterator[None]:
    """Within, Python does not look for cycles: of a large lvs.cf it would look through all that was read so far.

    That takes a seventh of the time of reading it; what was read has no cycles.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
