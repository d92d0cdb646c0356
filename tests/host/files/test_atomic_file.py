import errno
import os
import resource
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.host.files import atomic_file
from app.host.files.atomic_file import FileUnreadable, FileUnwritable, lock, prepare, read
from tests.host.nobody import as_nobody

_OLD, _NEW = b"serial_no = 1\n", b"serial_no = 2\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "lvs.cf"


def test_a_file_that_is_not_there_is_none(path: Path) -> None:
    assert read(path) is None


def test_nothing_changes_before_it_is_published(path: Path) -> None:
    path.write_bytes(_OLD)
    pending = prepare(path, _NEW)
    assert read(path) == _OLD
    pending.publish()
    assert read(path) == _NEW
    assert os.listdir(path.parent) == ["lvs.cf"]


def test_what_is_discarded_leaves_nothing_behind(path: Path) -> None:
    path.write_bytes(_OLD)
    prepare(path, _NEW).discard()
    assert read(path) == _OLD
    assert os.listdir(path.parent) == ["lvs.cf"]


def test_a_new_file_is_for_its_owner_and_group(path: Path) -> None:
    prepare(path, _NEW).publish()
    assert path.stat().st_mode & 0o7777 == 0o640


@pytest.mark.parametrize("mode", [0o600, 0o660, 0o644])
def test_the_mode_of_the_file_is_kept(path: Path, mode: int) -> None:
    path.write_bytes(_OLD)
    path.chmod(mode)
    prepare(path, _NEW).publish()
    assert path.stat().st_mode & 0o7777 == mode


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a file away")
def test_the_owner_of_the_file_is_kept(path: Path) -> None:
    path.write_bytes(_OLD)
    os.chown(path, 4321, 1234)
    prepare(path, _NEW).publish()
    assert (path.stat().st_uid, path.stat().st_gid) == (4321, 1234)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs a file of somebody else's")
def test_another_users_file_is_replaced_where_the_directory_allows_it() -> None:
    # Not in pytest's own directory, which lets nobody else in.
    with tempfile.TemporaryDirectory() as directory:
        Path(directory).chmod(0o777)
        path = Path(directory, "lvs.cf")
        path.write_bytes(_OLD)
        assert as_nobody(lambda: prepare(path, _NEW).publish()) == "None"
        assert read(path) == _NEW


def test_a_link_stays_a_link_and_its_file_is_replaced(path: Path, tmp_path: Path) -> None:
    target = tmp_path / "elsewhere" / "real.cf"
    target.parent.mkdir()
    target.write_bytes(_OLD)
    path.symlink_to(target)
    prepare(path, _NEW).publish()
    assert path.is_symlink()
    assert target.read_bytes() == _NEW
    assert os.listdir(target.parent) == ["real.cf"]


@settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(contents=st.lists(st.sampled_from([1, 100, 70_000, 2_000_000]), min_size=2, max_size=8))
def test_a_reader_never_sees_half_a_file(path: Path, contents: list[int]) -> None:
    whole = [bytes([65 + number]) * size for number, size in enumerate(contents)]
    prepare(path, whole[0]).publish()
    seen: set[bytes | None] = set()
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            seen.add(read(path))

    reader = threading.Thread(target=look)
    reader.start()
    try:
        for data in whole[1:]:
            prepare(path, data).publish()
    finally:
        done.set()
        reader.join()
    assert seen <= set(whole)
    assert read(path) == whole[-1]


@contextmanager
def _size_limit(size: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_file_that_does_not_fit_leaves_the_old_one_whole(path: Path) -> None:
    path.write_bytes(_OLD)
    with _size_limit(4096), pytest.raises(FileUnwritable, match="file size limit") as raised:
        prepare(path, b"x" * 10_000)
    assert isinstance(raised.value.__cause__, OSError)
    assert raised.value.__cause__.errno == errno.EFBIG
    assert read(path) == _OLD
    assert os.listdir(path.parent) == ["lvs.cf"]


_ON_A_FULL_DISK = """
import os, subprocess, sys
from pathlib import Path
from app.host.files.atomic_file import FileUnwritable, prepare, read
directory = Path(sys.argv[1])
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", directory], check=True)
path = directory / "lvs.cf"
prepare(path, b"old").publish()
try:
    prepare(path, b"x" * 100_000)
except FileUnwritable as error:
    print(error)
print(read(path), os.listdir(directory))
"""


@pytest.mark.kernel
def test_a_full_disk_is_named_and_the_old_file_stays(tmp_path: Path) -> None:
    command = ["unshare", "--mount", sys.executable, "-c", _ON_A_FULL_DISK, str(tmp_path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    said, left = done.stdout.splitlines()
    assert (
        said
        == f"Cannot write {tmp_path}/lvs.cf: the disk is full; free some space and try again. Nothing was changed."
    )
    assert left == "b'old' ['lvs.cf']"


def test_a_directory_one_may_not_write_in_is_named(path: Path) -> None:
    path.write_bytes(_OLD)
    path.parent.chmod(0o555)
    try:
        said = as_nobody(lambda: prepare(path, _NEW))
    finally:
        path.parent.chmod(0o755)
    assert f"Cannot write {path}: this user (" in said
    assert f"it needs write permission on {path.parent}" in said
    assert read(path) == _OLD


def test_what_somebody_else_deleted_before_it_was_published_is_said(path: Path) -> None:
    path.write_bytes(_OLD)
    pending = prepare(path, _NEW)
    prepare(path, _NEW).publish()
    with pytest.raises(FileUnwritable, match="somebody else deleted what was written beside it"):
        pending.publish()


def test_a_directory_that_is_not_there_is_named_with_what_makes_it(tmp_path: Path) -> None:
    path = tmp_path / "ha" / "lvs.cf"
    with pytest.raises(FileUnwritable, match=f"there is no directory {path.parent}; create it"):
        prepare(path, _NEW)


def test_a_file_one_may_not_read_is_named(path: Path) -> None:
    path.write_bytes(_OLD)
    path.chmod(0)
    assert f"Cannot read {path}: this user (" in as_nobody(lambda: read(path))


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir], ids=["pipe", "directory"])
def test_what_is_not_a_file_is_not_waited_for(path: Path, make: object) -> None:
    assert callable(make)
    make(path)
    with pytest.raises(FileUnreadable, match="it is not a regular file"):
        read(path)


def test_a_content_that_cannot_take_its_place_is_given_up(path: Path) -> None:
    pending = prepare(path, _NEW)
    path.mkdir()
    with pytest.raises(FileUnwritable):
        pending.publish()
    assert os.listdir(path.parent) == ["lvs.cf"]


def test_one_change_at_a_time(tmp_path: Path) -> None:
    inside = 0
    most = 0
    guard = threading.Lock()

    def change() -> None:
        nonlocal inside, most
        with lock(tmp_path / "lock"):
            with guard:
                inside += 1
                most = max(most, inside)
            prepare(tmp_path / "lvs.cf", _NEW).publish()
            with guard:
                inside -= 1

    threads = [threading.Thread(target=change) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1


def test_a_change_that_failed_lets_the_next_one_in(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), lock(tmp_path / "lock"):
        raise RuntimeError
    with lock(tmp_path / "lock"):
        pass


def test_a_lock_that_is_never_given_up_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(atomic_file, "_LOCK_WITHIN_S", 0.05)
    other = lock(tmp_path / "lock")
    with (
        lock(tmp_path / "lock"),
        pytest.raises(FileUnwritable, match=r"Another change has held the lock .*/lock"),
    ):
        other.__enter__()


def test_a_lock_in_no_directory_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileUnwritable, match="there is no directory"), lock(tmp_path / "none" / "lock"):
        pass
