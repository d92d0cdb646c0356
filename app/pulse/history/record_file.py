"""A file of records, each with its time and a checksum, which only grows: a crash leaves at worst a torn end.

A record is appended by one write and not synced: the end of this process loses nothing, a cut of power some of the
last records. What follows a damaged record is lost; this is logged once, and the rest is cut off.
"""

import logging
import os
import struct
import zlib
from array import array
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

RECORD_MAX = 64 << 20
"""The longest payload in bytes; a greater length means damage."""
_HEADER = struct.Struct("<4sIII")
"""Mark, checksum of the rest, time in seconds since the epoch, length of the payload."""
_MARK = b"PLR1"
_MODE = 0o640
_FLAGS = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK

log = logging.getLogger("pulse")


class RecordFile:
    """The records of the file `path`, which need not exist; each method may raise OSError.

    `times` are those of the records, in the order in which they were written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.times = array("Q")
        self._offsets = array("Q")
        self._size = 0
        if path.exists():
            self._scan()

    def append(self, at: int, payload: bytes) -> None:
        """Add a record."""
        with self._opened() as descriptor:
            if os.fstat(descriptor).st_size != self._size:
                self._scan()
            rest = struct.pack("<II", at, len(payload)) + payload
            record = _MARK + struct.pack("<I", zlib.crc32(rest)) + rest
            written = os.write(descriptor, record)
            if written < len(record):
                os.ftruncate(descriptor, self._size)
                raise OSError(f"only {written} of {len(record)} bytes were written")
            self.times.append(at)
            self._offsets.append(self._size + _HEADER.size)
            self._size += len(record)

    def is_as_left(self) -> bool:
        """Return whether the file is still as long as it was left; it may have been deleted or restored."""
        try:
            return self._path.stat().st_size == self._size
        except FileNotFoundError:
            return not self._size

    @contextmanager
    def reading(self) -> Iterator[int]:
        """Yield a descriptor for `piece` and `payload`."""
        descriptor = os.open(self._path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
        try:
            yield descriptor
        finally:
            os.close(descriptor)

    def piece(self, descriptor: int, index: int, first: int, size: int) -> bytes:
        """Return `size` bytes of the payload of record `index`, from byte `first` on."""
        return os.pread(descriptor, size, self._offsets[index] + first)

    def payload(self, descriptor: int, index: int) -> bytes:
        """Return the payload of record `index`."""
        later = self._offsets[index + 1 : index + 2]
        end = later[0] - _HEADER.size if later else self._size
        return self.piece(descriptor, index, 0, end - self._offsets[index])

    @contextmanager
    def _opened(self) -> Iterator[int]:
        descriptor = os.open(self._path, _FLAGS, _MODE)
        try:
            if not self._size:
                os.fchmod(descriptor, _MODE)
                with suppress(PermissionError):
                    os.fchown(descriptor, -1, self._path.parent.stat().st_gid)
            yield descriptor
        finally:
            os.close(descriptor)

    def _scan(self) -> None:
        """Find the complete records, and truncate what follows them."""
        self.times, self._offsets, self._size = array("Q"), array("Q"), 0
        with self.reading() as descriptor:
            there = os.fstat(descriptor).st_size
            while (found := _record(descriptor, self._size)) is not None:
                at, length = found
                self.times.append(at)
                self._offsets.append(self._size + _HEADER.size)
                self._size += _HEADER.size + length
        if self._size < there:
            log.error("%s is damaged from byte %d on: what it held after that is lost", self._path, self._size)
            with self._opened() as descriptor:
                os.ftruncate(descriptor, self._size)


def _record(descriptor: int, offset: int) -> tuple[int, int] | None:
    header = os.pread(descriptor, _HEADER.size, offset)
    if len(header) < _HEADER.size:
        return None
    mark, checksum, at, length = _HEADER.unpack(header)
    if mark != _MARK or length > RECORD_MAX:
        return None
    payload = os.pread(descriptor, length, offset + _HEADER.size)
    if len(payload) < length or zlib.crc32(payload, zlib.crc32(header[8:])) != checksum:
        return None
    return at, length
