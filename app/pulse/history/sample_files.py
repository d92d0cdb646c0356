"""The samples on disk: for each level a directory of files, one for each span of time, the oldest deleted.

A record has a row for each series of that moment, and the ids of the series unless they are as in the record
before. So a series takes at most WIDTH * 4 + ID_SIZE = 36 bytes per sample.
"""

import math
import struct
from array import array
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from app.lvs.ipvs.rate_history import ID_SIZE, LEVELS, WIDTH, Level, Values, row_of, slot_end
from app.pulse.history.record_file import RecordFile

_HEAD = struct.Struct("<II")
"""How many series the record names (0: those of the previous one), and how many rows it has."""
_ROW = struct.Struct(f"<{WIDTH}f")

Row = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Sample:
    """All rows of one step that ends `at`; `ids` are those of their series."""

    at: int
    ids: bytes
    values: Values


class SampleFiles:
    """The files below `directory`; each method may raise OSError. `folded`: up to when a level is complete."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._files: dict[Path, RecordFile] = {}
        self._named: dict[Path, bytes] = {}
        self.folded: dict[Level, int] = {}

    def add(self, level: Level, sample: Sample) -> None:
        """Add `sample`, and delete what is older than the level keeps."""
        path = self._path(level, sample.at)
        file = self._file(path)
        if path not in self._named:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
            self._drop_old(level, sample.at)
        ids = b"" if self._named.get(path) == sample.ids else sample.ids
        head = _HEAD.pack(len(ids) // ID_SIZE, len(sample.values) // WIDTH)
        file.append(sample.at, head + ids + sample.values.tobytes())
        self._named[path] = sample.ids

    def times(self, level: Level, since: int, until: int) -> list[int]:
        """Return the times of the samples later than `since`, up to `until`."""
        found = {at for file in self._span(level, since, until) for at in file.times if since < at <= until}
        return sorted(found)

    def row(self, level: Level, wanted: bytes, since: int, until: int) -> dict[int, Row]:
        """Return the rows of the series `wanted` later than `since`, up to `until`, by their time."""
        found: dict[int, Row] = {}
        for file in self._span(level, since, until):
            row: int | None = None
            with file.reading() as descriptor:
                for index, at in enumerate(file.times):
                    named, rows = _HEAD.unpack(file.piece(descriptor, index, 0, _HEAD.size))
                    if named:
                        row = row_of(file.piece(descriptor, index, _HEAD.size, named * ID_SIZE), wanted)
                    if row is None or row >= rows or not since < at <= until:
                        continue
                    first = _HEAD.size + named * ID_SIZE + row * _ROW.size
                    found[at] = _ROW.unpack(file.piece(descriptor, index, first, _ROW.size))
        return {at: row for at, row in found.items() if not all(map(math.isnan, row))}

    def whole(self, level: Level, since: int, until: int) -> list[Sample]:
        """Return the samples later than `since`, up to `until`, ordered by time."""
        found: dict[int, Sample] = {}
        for file in self._span(level, since, until):
            ids = b""
            with file.reading() as descriptor:
                for index, at in enumerate(file.times):
                    named, _ = _HEAD.unpack(file.piece(descriptor, index, 0, _HEAD.size))
                    if named:
                        ids = file.piece(descriptor, index, _HEAD.size, named * ID_SIZE)
                    if since < at <= until:
                        values = array("f")
                        values.frombytes(file.payload(descriptor, index)[_HEAD.size + named * ID_SIZE :])
                        found[at] = Sample(at, ids, values)
        return [found[at] for at in sorted(found)]

    def _span(self, level: Level, since: int, until: int) -> Iterator[RecordFile]:
        with suppress(FileNotFoundError):
            for start, path in sorted(self._there(level)):
                if start < until and start + level.span_s > since:
                    yield self._file(path)

    def _file(self, path: Path) -> RecordFile:
        file = self._files.get(path)
        if file is None or not file.is_as_left():
            # The record with the ids may be gone; without it, new rows would belong to other series.
            self._named.pop(path, None)
            file = self._files[path] = RecordFile(path)
        return file

    def _path(self, level: Level, at: int) -> Path:
        # A sample at `at` is of the step before it, which may be the last one of a span.
        return self._directory / str(level.step_s) / str(slot_end(at, level.span_s) - level.span_s)

    def _there(self, level: Level) -> Iterator[tuple[int, Path]]:
        for path in (self._directory / str(level.step_s)).iterdir():
            if path.name.isascii() and path.name.isdigit():
                yield int(path.name), path

    def _drop_old(self, level: Level, now: int) -> None:
        for start, path in list(self._there(level)):
            if start + level.span_s <= now - level.kept_s:
                path.unlink(missing_ok=True)
                self._files.pop(path, None)
                self._named.pop(path, None)


def points(files: SampleFiles, wanted: bytes, span_s: int, until: int) -> dict[int, tuple[int, Row]]:
    """Return step and row of each point of the last `span_s` of a series, by time.

    They are from the finest level that goes back so far; what is too recent for it, or not kept at that level for
    this series, is from another one.
    """
    since = until - span_s
    first = next((index for index, level in enumerate(LEVELS) if level.kept_s >= span_s), len(LEVELS) - 1)
    found: dict[int, tuple[int, Row]] = {}
    for level in LEVELS[first:]:
        found = {at: (level.step_s, row) for at, row in files.row(level, wanted, since, until).items()}
        if found:
            break
    for level in reversed(LEVELS[:first]):
        newest = max(found, default=since)
        found |= {at: (level.step_s, row) for at, row in files.row(level, wanted, newest, until).items()}
    return found
