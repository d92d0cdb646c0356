"""Detects that a file was replaced, rewritten or removed."""

from contextlib import suppress
from pathlib import Path

from inotify_simple import INotify, flags

_WHAT = (
    flags.MOVED_TO
    | flags.MOVED_FROM
    | flags.CLOSE_WRITE
    | flags.CREATE
    | flags.DELETE
    | flags.DELETE_SELF
    | flags.MOVE_SELF
    | flags.ONLYDIR
)
Signature = tuple[int, int, int, int]


class FileWatch:
    """Watches one file. `fileno` becomes readable when it is worth calling `has_changed`.

    The directory may be missing or be replaced, and a link may lead to a file elsewhere, for which there are no
    events, so call `has_changed` from time to time as well.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._notify = INotify(nonblocking=True)
        self._directory: tuple[int, int] | None = None
        self._seen = _signature(path)
        self._arm()

    def fileno(self) -> int:
        """Return the file descriptor for a loop."""
        return int(self._notify.fileno())

    def close(self) -> None:
        """Stop watching."""
        self._notify.close()

    def has_changed(self) -> bool:
        """Return whether the file may have changed since the last call."""
        is_named = False
        for event in self._notify.read(timeout=0):
            is_named |= event.name == self._path.name or bool(event.mask & flags.Q_OVERFLOW)
        self._arm()
        seen = _signature(self._path)
        is_other = seen != self._seen
        self._seen = seen
        return is_named or is_other

    def _arm(self) -> None:
        # A directory that was created later or replaced has another inode, which the old watch does not cover.
        directory = _identity(self._path.parent)
        if directory == self._directory:
            return
        self._directory = directory
        if directory is not None:
            with suppress(OSError):
                self._notify.add_watch(self._path.parent, _WHAT)


def _identity(directory: Path) -> tuple[int, int] | None:
    try:
        status = directory.stat()
    except OSError:
        return None
    return (status.st_dev, status.st_ino)


def _signature(path: Path) -> Signature | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return (status.st_dev, status.st_ino, status.st_size, status.st_ctime_ns)
