"""Allows only one pulse per runtime directory: two would undo each other's changes."""

import errno
import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.host.files.rights import rights_of_owner

_FLAGS = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK


class PulseFailed(Exception):
    """The daemon cannot run; the message says why and what to do."""


@contextmanager
def alone(directory: Path) -> Iterator[None]:
    """Hold the lock in `directory` for the block; raise PulseFailed when another process holds it.

    The kernel releases it when its holder ends, in whatever way.
    """
    path = directory / "pulse.lock"
    try:
        # Root has no business in a directory of another user with its own rights: what is there may be a link, or
        # another name of root's file, and it is emptied.
        with rights_of_owner(directory):
            descriptor = os.open(path, _FLAGS, 0o600)
    except OSError as error:
        raise PulseFailed(_why(path, error)) from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise PulseFailed(_no_file(path))
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


def _why(path: Path, error: OSError) -> str:
    if error.errno in (errno.ELOOP, errno.EISDIR, errno.ENXIO):
        return _no_file(path)
    if isinstance(error, PermissionError) and os.path.lexists(path):
        return (
            f"cannot use {path}, which belongs to user {path.lstat().st_uid}: {error.strerror}. Remove it, "
            "unless a pulse of that user is running."
        )
    return (
        f"cannot use the runtime directory {path.parent}: {error.strerror or error}. Create it, writable for this "
        "user, or set PALOMETA_RUNTIME_DIRECTORY to a directory that is."
    )


def _no_file(path: Path) -> str:
    return f"{path} is not a regular file: remove it, and a new one is made."
