"""Reads a file and replaces it atomically, so that no process ever reads half of it: lvs.cf, and what is kept.

Its directory belongs to the web part's user: root follows no link there, and does there what that user may.
"""

import errno
import fcntl
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from app.host.files import leftovers
from app.host.files.attributes import give, take_after
from app.host.files.path_steps import links_of_others
from app.host.files.replacing import obstacle
from app.host.files.rights import rights_of_owner

_NEW_MODE = 0o640
_READ_MAX = 64 << 20
_LOCK_WITHIN_S = 10.0
_LOCK_AGAIN_S = 0.02
_BESIDE_GONE = (
    "somebody else deleted what was written beside it; see who writes there besides Palometa, and try again"
)


class FileUnwritable(Exception):
    """The file cannot be written; the message says why and what to do."""


class FileUnreadable(FileUnwritable):
    """The file cannot be read either."""


@dataclass(frozen=True, slots=True)
class Pending:
    """New contents, already synced to disk next to the file, that wait to replace it."""

    path: Path
    beside: Path

    def publish(self) -> None:
        """Replace the file with the new contents; raise FileUnwritable."""
        try:
            with rights_of_owner(self.path.parent):
                self.beside.rename(self.path)
        except OSError as error:
            self.discard()
            is_beside_gone = isinstance(error, FileNotFoundError) and self.path.parent.is_dir()
            reason = _BESIDE_GONE if is_beside_gone else _reason(self.path, error)
            raise FileUnwritable(
                f"Cannot replace {self.path}: {reason}. The file still is the one before."
            ) from error
        try:
            _sync_directory(self.path.parent)
        except OSError as error:
            raise FileUnwritable(
                f"{self.path} was replaced, but syncing it to disk failed ({error.strerror}). Check the "
                "disk; after a power failure the old file may be back."
            ) from error

    def discard(self) -> None:
        """Delete the new contents."""
        with suppress(OSError), rights_of_owner(self.path.parent):
            self.beside.unlink(missing_ok=True)


def read(path: Path) -> bytes | None:
    """Return the contents of the file, or None when there is none; raise FileUnreadable."""
    if os.geteuid() == 0 and (turned := _turned(path)):
        raise FileUnreadable(f"Cannot read {path}: {turned}.")
    try:
        # Without waiting for a writer, should it be a pipe.
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise FileUnreadable(f"Cannot read {path}: {_reason(path, error)}.") from error
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise FileUnreadable(
                f"Cannot read {path}: it is not a regular file. Move it away, and put the file itself there."
            )
        data = b"" if status.st_size > _READ_MAX else _all_of(descriptor)
    except OSError as error:
        raise FileUnreadable(f"Cannot read {path}: {_reason(path, error)}.") from error
    finally:
        os.close(descriptor)
    if max(len(data), status.st_size) > _READ_MAX:
        raise FileUnreadable(
            f"Cannot read {path}: it is larger than {_READ_MAX >> 20} MiB. Check that it is the right file."
        )
    return data


def _all_of(descriptor: int) -> bytes:
    # Unbuffered, it allocates no more memory than the file is long.
    with open(descriptor, "rb", buffering=0, closefd=False) as file:
        return file.readall()


def prepare(path: Path, data: bytes) -> Pending:
    """Write `data` next to the file, ready to be published; raise FileUnwritable.

    The mode, access list and extended attributes of an existing file are kept, and its owner as far as this
    process is permitted to; a new file gets mode 0640 and its directory's owner. Where the file is a symbolic link
    that nobody else can turn, its target is replaced. One that cannot be renamed over is refused here, not later.
    What an earlier writer left beside the file when it was killed is deleted, so only one may write at a time.
    """
    if turned := _turned(path):
        raise _refused(path, turned)
    target = Path(os.path.realpath(path))
    pending = Pending(target, leftovers.beside(target))
    try:
        with rights_of_owner(target.parent):
            if found := obstacle(target):
                raise _refused(path, found)
            leftovers.clear(target)
            _write_beside(pending, data)
    except OSError as error:
        pending.discard()
        raise _unwritable(path, error) from error
    except BaseException:
        pending.discard()
        raise
    return pending


def name_beside(path: Path) -> Path:
    """Return a new name for contents that are to become the file; `clear_leftovers` knows it."""
    return leftovers.beside(path)


def clear_leftovers(path: Path) -> None:
    """Delete what a writer that was killed left beside the file; nobody else may be writing it."""
    if _turned(path):
        return
    target = Path(os.path.realpath(path))
    with suppress(OSError), rights_of_owner(target.parent):
        leftovers.clear(target)


def _write_beside(pending: Pending, data: bytes) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(pending.beside, flags, 0o600)
    try:
        _write_all(descriptor, data)
        # After the bytes: the kernel takes some attributes from a file that is written.
        take_after(descriptor, pending.path, _NEW_MODE)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _turned(path: Path) -> str | None:
    """Return why the links on the way to `path` are not followed; None: they are, or there are none."""
    step = links_of_others(path)
    if step is None:
        return None
    what = "a symbolic link" if step.is_link else "a directory"
    return (
        f"on the way there is {what} that other users can change ({step.path}), so links there are not followed: "
        f"put the file itself there, or let root own link and directory (chown -h root {step.path}) and nobody "
        "else write there"
    )


@contextmanager
def lock(path: Path) -> Iterator[None]:
    """Hold the lock file `path`, so that one change is written at a time; raise FileUnwritable after 10 s."""
    try:
        with rights_of_owner(path.parent):
            descriptor = _open_lock(path)
    except OSError as error:
        raise _unwritable(path, error) from error
    try:
        _wait_for(descriptor, path)
        yield
    finally:
        os.close(descriptor)


def _open_lock(path: Path) -> int:
    flags = os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        descriptor = os.open(path, flags | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return os.open(path, flags)
    # Only one that we made: what is there already may be another name of somebody's file.
    give(descriptor, path.parent.stat())
    return descriptor


def _wait_for(descriptor: int, path: Path) -> None:
    deadline = time.monotonic() + _LOCK_WITHIN_S
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() > deadline:
                raise FileUnwritable(
                    f"Another change has held the lock {path} for {_LOCK_WITHIN_S:g} s. Try again; if this "
                    "persists, restart the web part."
                ) from error
            time.sleep(_LOCK_AGAIN_S)
        else:
            return


def _write_all(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _unwritable(path: Path, error: OSError) -> FileUnwritable:
    return _refused(path, _reason(path, error))


def _refused(path: Path, reason: str) -> FileUnwritable:
    return FileUnwritable(f"Cannot write {path}: {reason}. Nothing was changed.")


def _reason(path: Path, error: OSError) -> str:
    match error.errno:
        case errno.ENOSPC:
            return "the disk is full; free some space and try again"
        case errno.EDQUOT:
            return "the disk quota of this user is exceeded; raise it or free some space, and try again"
        case errno.EFBIG:
            return "the file size limit of this process is reached; raise it (ulimit -f) and restart"
        case errno.EROFS:
            return "the file system is mounted read-only; mount it writable"
        case errno.EACCES | errno.EPERM:
            return (
                f"this user (UID {os.geteuid()}) is not permitted to; it needs write permission on {path.parent}"
            )
        case errno.ELOOP:
            return "it is a symbolic link, or links on the way lead in a circle; put the file itself there"
        case errno.EISDIR:
            return "it is a directory; move it away"
        case errno.EBUSY:
            return (
                "it is in use as a mount, and a mount cannot be replaced; mount the directory "
                f"{path.parent}, not the file"
            )
        case errno.ENOENT | errno.ENOTDIR:
            return f"there is no directory {path.parent}; create it ('mkdir -p {path.parent}')"
        case _:
            return f"the system reported '{error.strerror or error}'"
