"""What stands in lvs.cf compared with what was last written there."""

import enum
import hashlib
import time
from collections.abc import Sequence
from pathlib import Path
from threading import Lock

from app.host.files.atomic_file import FileUnreadable, read
from app.host.names import PatientNames
from app.lvs.grammar.reader import parse
from app.lvs.grammar.writer import render
from app.lvs.pair.interface_names import DeviceNames
from app.settings import Settings
from app.store import RevisionHead, Store

RECENT_S = 2.0
"""A file changed so lately may change again without its time of change showing it."""

Signature = tuple[int, int, int, int]


class OnDisk(enum.Enum):
    """How lvs.cf stands to the revisions."""

    WRITTEN = "what was last written, or nothing where nothing was"
    LATE = "the revision before the last, or that under other names of interfaces: we ended before writing it"
    MISSING = "no file, or an empty one"
    FIRST = "somebody's file, where nothing was ever written"
    EDITED = "somebody's edit"
    UNREADABLE = "something that cannot be read"


def digest(data: bytes) -> str:
    """Return what names the content `data`, for a person to say which file they agree to overwrite."""
    return hashlib.sha256(data).hexdigest()


def compare(found: bytes | None, heads: Sequence[RevisionHead]) -> OnDisk:
    """Return how the content `found` (None: no file) stands to the last two revisions, newest first."""
    if not heads:
        return OnDisk.FIRST if found else OnDisk.WRITTEN
    if not found:
        return OnDisk.LATE if found is None and len(heads) == 1 else OnDisk.MISSING
    name = digest(found)
    if name == _written(heads[0]):
        return OnDisk.WRITTEN
    if name == heads[0].written_before or any(name == _written(head) for head in heads[1:2]):
        return OnDisk.LATE
    return OnDisk.EDITED


def as_written_here(data: bytes, names: DeviceNames) -> bytes:
    """Return the shared lvs.cf `data` as this router writes it, by its own names of interfaces."""
    config = parse(data, PatientNames()).config if names else None
    return data if config is None else render(names.put_in(config))


def _written(head: RevisionHead) -> str:
    return head.sha256 if head.written is None else head.written


class LvsCfWatch:
    """Compares whenever a page asks, and reads the file only when it, or the serial, is another than last time."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._path = settings.lvs_cf
        self._store = store
        self._lock = Lock()
        self._known: tuple[Signature | None, int, OnDisk] | None = None

    def compare(self) -> OnDisk:
        """Return how lvs.cf stands now; raises what the store raises."""
        serial_no = self._store.snapshot().serial_no
        signature = _signature(self._path)
        with self._lock:
            if self._known is not None and self._known[:2] == (signature, serial_no):
                return self._known[2]
        state = self._compare()
        is_settled = signature is None or time.time() - signature[3] / 1e9 > RECENT_S
        with self._lock:
            is_same = signature == _signature(self._path)
            self._known = (signature, serial_no, state) if is_settled and is_same else None
        return state

    def _compare(self) -> OnDisk:
        try:
            return compare(read(self._path), self._store.revisions(2))
        except FileUnreadable:
            return OnDisk.UNREADABLE


def _signature(path: Path) -> Signature | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
