"""What stands in lvs.cf compared with what was written: found out cheaply, and never wrongly."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.accept.on_disk import RECENT_S, LvsCfWatch, OnDisk, compare, digest
from app.host.files.atomic_file import read
from app.settings import Settings
from app.store import RevisionHead, Store
from tests.web.clusters import save_cluster

HEADS = [
    RevisionHead(serial_no, datetime.now(UTC), "admin", "", digest(b"%d" % serial_no)) for serial_no in (3, 2, 1)
]


@pytest.mark.parametrize(
    ("found", "count", "state"),
    [
        (None, 0, OnDisk.WRITTEN),
        (b"", 0, OnDisk.WRITTEN),
        (b"x", 0, OnDisk.FIRST),
        (b"3", 3, OnDisk.WRITTEN),
        (b"2", 3, OnDisk.LATE),
        (b"1", 3, OnDisk.EDITED),
        (b"x", 3, OnDisk.EDITED),
        (b"", 3, OnDisk.MISSING),
        (None, 3, OnDisk.MISSING),
        (None, 1, OnDisk.LATE),
        (b"x", 1, OnDisk.EDITED),
    ],
)
def test_each_content_has_its_name(found: bytes | None, count: int, state: OnDisk) -> None:
    assert compare(found, HEADS[:count]) is state


def test_a_file_just_written_is_read_again_each_time(
    settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_cluster(settings, store)
    coarse = (1, 2, 3, settings.lvs_cf.stat().st_ctime_ns)
    monkeypatch.setattr("app.accept.on_disk._signature", lambda path: coarse)
    watched = LvsCfWatch(settings, store)
    assert watched.compare() is OnDisk.WRITTEN
    settings.lvs_cf.write_text("# by hand, within one tick of the clock\n")
    assert watched.compare() is OnDisk.EDITED


def test_a_file_that_stands_is_read_once(
    settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_cluster(settings, store)
    later = settings.lvs_cf.stat().st_ctime + RECENT_S + 1
    monkeypatch.setattr("app.accept.on_disk.time.time", lambda: later)
    reads: list[Path] = []

    def counted(path: Path) -> bytes | None:
        reads.append(path)
        return read(path)

    monkeypatch.setattr("app.accept.on_disk.read", counted)
    watched = LvsCfWatch(settings, store)
    assert [watched.compare() for _ in range(3)] == [OnDisk.WRITTEN] * 3
    assert len(reads) == 1
    save_cluster(settings, store)
    assert watched.compare() is OnDisk.WRITTEN
    assert len(reads) == 2
