"""An lvs.cf that cannot be renamed over is refused before anything is saved, with what to do."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from app.host.files.atomic_file import FileUnwritable, prepare, read
from tests.host.files.inode_flags import APPEND_ONLY, IMMUTABLE, marked
from tests.host.nobody import as_nobody
from tests.host.own_mounts import mount, own_mounts, root_mounts

pytestmark = root_mounts

OLD, NEW = b"serial_no = 1\n", b"serial_no = 2\n"


@pytest.fixture
def path() -> Iterator[Path]:
    # Not in pytest's own directory, which lets nobody else in.
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        path = Path(name, "ha", "lvs.cf")
        path.parent.mkdir()
        path.write_bytes(OLD)
        yield path


@contextmanager
def bind_mounted(path: Path) -> Iterator[None]:
    elsewhere = path.parent.with_name("host-lvs.cf")
    elsewhere.write_bytes(OLD)
    with own_mounts():
        mount("--bind", elsewhere, path)
        yield


@contextmanager
def mounted_over_itself(path: Path) -> Iterator[None]:
    with own_mounts():
        mount("--bind", path, path)
        yield


@contextmanager
def bind_mounted_behind_a_link(path: Path) -> Iterator[None]:
    real = path.with_name("real.cf")
    path.rename(real)
    path.symlink_to(real)
    with mounted_over_itself(real):
        yield


@contextmanager
def read_only(path: Path) -> Iterator[None]:
    with own_mounts():
        mount("--bind", path.parent, path.parent)
        mount("-o", "remount,bind,ro", path.parent)
        yield


@contextmanager
def full(path: Path) -> Iterator[None]:
    with own_mounts():
        mount("-t", "tmpfs", "-o", "size=64k", "tmpfs", path.parent)
        path.write_bytes(OLD)
        path.with_name("other").write_bytes(b"x" * 60_000)
        yield


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (bind_mounted, "mount the directory {0}, not the file"),
        (mounted_over_itself, "mount the directory {0}, not the file"),
        (bind_mounted_behind_a_link, "mount the directory {0}, not the file"),
        (read_only, "the file system is mounted read-only"),
        (full, "the disk is full; free some space and try again"),
        (lambda path: marked(path, IMMUTABLE), "marked immutable or append-only; see 'lsattr -d {0}'"),
        (lambda path: marked(path, APPEND_ONLY), "marked immutable or append-only"),
        (lambda path: marked(path.parent, IMMUTABLE), "marked immutable or append-only"),
        (lambda path: marked(path.parent, APPEND_ONLY), "marked immutable or append-only"),
    ],
)
def test_it_is_refused_with_the_remedy(
    path: Path, made: Callable[[Path], AbstractContextManager[None]], said: str
) -> None:
    with made(path):
        there = set(os.listdir(path.parent))
        with pytest.raises(FileUnwritable) as refused:
            prepare(path, NEW * 1000)
        assert read(path) == OLD
        assert set(os.listdir(path.parent)) == there
    assert said.format(path.parent) in str(refused.value)
    assert str(refused.value).startswith(f"Cannot write {path}: ")
    assert str(refused.value).endswith(" Nothing was changed.")


def test_anothers_file_in_a_sticky_directory_is_refused(path: Path) -> None:
    path.parent.chmod(0o1777)
    path.chmod(0o666)
    said = as_nobody(lambda: prepare(path, NEW))
    assert "it belongs to user 0, and in the directory" in said
    assert f"chmod -t {path.parent}" in said
    assert os.listdir(path.parent) == ["lvs.cf"]
    # Its own is replaced there.
    os.chown(path, 65534, 65534)
    assert as_nobody(lambda: prepare(path, NEW).publish()) == "None"


def test_a_directory_that_is_mounted_is_the_remedy_and_works(path: Path) -> None:
    with own_mounts():
        mount("--bind", path.parent, path.parent)
        prepare(path, NEW).publish()
        assert read(path) == NEW


def test_a_directory_in_its_place_is_refused_and_stays_though_it_is_empty(path: Path) -> None:
    path.unlink()
    path.mkdir()
    with pytest.raises(FileUnwritable, match="it is not a regular file"):
        prepare(path, NEW)
    assert path.is_dir()
