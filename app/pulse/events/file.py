"""The events on disk, one line of JSON each, so that they survive a restart of pulse.

There are two files in the runtime directory: the current one and the previous one. A line is appended by one
write and not synced. What is written survives the end of this process, even by kill -9, and the runtime
directory survives no more than that, so the loop need not wait for a disk.
"""

import json
import logging
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, cast, get_args

from app.host.files.atomic_file import FileUnreadable, read
from app.host.files.rights import rights_of_owner
from app.lvs.reports.status import EventKind, EventReport

SIZE_MAX = 1 << 20
"""Size in bytes at which a file is full; a thousand events take a quarter of it."""
_MODE = 0o640
_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
_KINDS = frozenset(get_args(EventKind))
_AT_MAX = 1e11
"""The latest time that is accepted, as pages cannot display more: the year 5138."""
_TEXTS = ("virtual", "server", "target", "reason")

log = logging.getLogger("pulse")


class EventFile:
    """Keeps events in `directory`; if they cannot be written, that is logged once and pulse continues."""

    def __init__(self, directory: Path, size_max: int = SIZE_MAX) -> None:
        self._path = directory / "events.jsonl"
        self._previous = directory / "events.jsonl.1"
        self._size_max = size_max
        self._descriptor: int | None = None
        self._size = 0
        self._is_torn = False
        self._is_failing = False

    def last(self, count: int) -> list[EventReport]:
        """Return the last `count` events that were kept, oldest first; invalid lines are skipped."""
        events: list[EventReport] = []
        for path in (self._path, self._previous):
            if len(events) < count:
                events = [*_events(path), *events]
        return events[-count:]

    def keep(self, event: EventReport) -> None:
        """Append `event`."""
        try:
            # Root, in a directory of another user, would give away the file that a name there leads to.
            with rights_of_owner(self._path.parent):
                self._append(json.dumps(event).encode() + b"\n")
        except OSError as error:
            self.close()
            if not self._is_failing:
                log.error(
                    "events cannot be written to %s, so they will be lost at a restart: %s",
                    self._path,
                    error.strerror or error,
                )
            self._is_failing = True
        else:
            if self._is_failing:
                log.info("events are written to %s again", self._path)
            self._is_failing = False

    def close(self) -> None:
        """Close the file; the next event opens it again."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _append(self, line: bytes) -> None:
        descriptor = self._open() if self._descriptor is None else self._descriptor
        if self._size and self._size + len(line) > self._size_max:
            self.close()
            self._path.rename(self._previous)
            descriptor = self._open()
        if self._is_torn:
            # A line cut off by a full disk, or by the end of an earlier pulse, must not spoil this one.
            line = b"\n" + line
        written = os.write(descriptor, line)
        self._size += written
        self._is_torn = written < len(line)
        if self._is_torn:
            raise OSError(f"only {written} of {len(line)} bytes were written")

    def _open(self) -> int:
        descriptor = os.open(self._path, _FLAGS, _MODE)
        self._descriptor = descriptor
        os.fchmod(descriptor, _MODE)
        with suppress(PermissionError):
            os.fchown(descriptor, -1, self._path.parent.stat().st_gid)
        self._size = os.fstat(descriptor).st_size
        self._is_torn = self._size > 0
        return descriptor


def _events(path: Path) -> Iterator[EventReport]:
    try:
        data = read(path)
    except FileUnreadable as unreadable:
        log.error("earlier events cannot be read: %s", unreadable)
        return
    for line in (data or b"").splitlines():
        event = _event(line)
        if event is not None:
            yield event


def _event(line: bytes) -> EventReport | None:
    try:
        document: Any = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict) or document.keys() != EventReport.__annotations__.keys():
        return None
    if not all(isinstance(document[key], str) for key in (*_TEXTS, "kind")) or document["kind"] not in _KINDS:
        return None
    at = document["at"]
    return cast(EventReport, document) if isinstance(at, float | int) and 0 <= at < _AT_MAX else None
