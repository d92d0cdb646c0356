"""Allows only one pulse per runtime directory: two would undo each other's changes."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class PulseFailed(Exception):
    """The daemon cannot run; the message says why and what to do."""


@contextmanager
def alone(directory: Path) -> Iterator[None]:
    """Hold the lock in `directory` for the block; raise PulseFailed when another process holds it.

    The kernel releases it when its holder ends, in whatever way.
    """
    path = directory / "pulse.lock"
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise PulseFailed(
            f"cannot use the runtime directory {directory}: {error.strerror}. Create it, writable for this user, "
            "or set PALOMETA_RUNTIME_DIRECTORY to a directory that is."
        ) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = os.read(descriptor, 20).decode(errors="replace").strip()
        os.close(descriptor)
        raise PulseFailed(
            f"another pulse is running{f' (pid {holder})' if holder else ''}: stop it first, or give this one a "
            "different runtime directory."
        ) from error
    try:
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode())
        yield
    finally:
        os.close(descriptor)
