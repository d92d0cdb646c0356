"""A file of records after a crash at any instant: what was whole is there, what follows damage is lost, once."""

import os
import resource
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.pulse.history.record_file import RecordFile

RECORDS = [(10, b"one"), (20, b""), (30, b"three" * 50), (40, b"four")]
ANY_FILE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def kept(path: Path) -> list[tuple[int, bytes]]:
    """Return what a program that starts now finds in `path`."""
    file = RecordFile(path)
    if not file.times:
        return []
    with file.reading() as descriptor:
        return [(at, file.payload(descriptor, index)) for index, at in enumerate(file.times)]


def written(path: Path) -> list[int]:
    """Write RECORDS anew; return the size of the file after each."""
    path.unlink(missing_ok=True)
    file, sizes = RecordFile(path), []
    for at, payload in RECORDS:
        file.append(at, payload)
        sizes.append(path.stat().st_size)
    return sizes


def test_records_come_back_in_order(tmp_path: Path) -> None:
    written(tmp_path / "r")
    assert kept(tmp_path / "r") == RECORDS


@ANY_FILE
@given(cut=st.integers(0, 400))
def test_a_file_cut_off_anywhere_keeps_its_whole_records_and_takes_new_ones(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "r"
    sizes = written(path)
    os.truncate(path, min(cut, sizes[-1]))
    whole = [record for record, size in zip(RECORDS, sizes, strict=True) if size <= cut]
    assert kept(path) == whole
    RecordFile(path).append(50, b"new")
    assert kept(path) == [*whole, (50, b"new")]


@ANY_FILE
@given(place=st.integers(0, 10_000), damage=st.integers(1, 255))
def test_a_damaged_byte_anywhere_costs_its_record_and_what_follows(
    tmp_path: Path, place: int, damage: int
) -> None:
    path = tmp_path / "r"
    sizes = written(path)
    place %= sizes[-1]
    data = bytearray(path.read_bytes())
    data[place] ^= damage
    path.write_bytes(data)
    assert kept(path) == [record for record, size in zip(RECORDS, sizes, strict=True) if size <= place]


def test_damage_is_said_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "r"
    size = written(path)[1]
    with path.open("r+b") as file:
        file.seek(size)
        file.write(b"\0" * 8)
    assert kept(path) == kept(path) == RECORDS[:2]
    said = [record.getMessage() for record in caplog.records]
    assert said == [f"{path} is damaged from byte {size} on: what it held after that is lost"]


def test_a_disk_that_fills_up_leaves_whole_records(tmp_path: Path) -> None:
    path = tmp_path / "r"
    written(path)
    file, before = RecordFile(path), resource.getrlimit(resource.RLIMIT_FSIZE)
    # A limit of this process stands in for the end of a disk.
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 30, before[1]))
    try:
        with pytest.raises(OSError, match="bytes were written"):
            file.append(50, b"x" * 100)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    file.append(60, b"later")
    assert kept(path) == [*RECORDS, (60, b"later")]


def test_a_file_somebody_cut_while_it_was_in_use_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "r"
    sizes = written(path)
    file = RecordFile(path)
    os.truncate(path, sizes[0] + 3)
    file.append(50, b"new")
    assert kept(path) == [RECORDS[0], (50, b"new")]


def test_a_link_somebody_put_there_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "victim").write_text("mine")
    (tmp_path / "r").symlink_to(tmp_path / "victim")
    with pytest.raises(OSError, match="symbolic links"):
        RecordFile(tmp_path / "r")
    assert (tmp_path / "victim").read_text() == "mine"
