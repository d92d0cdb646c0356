import os
import select
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.host.file_watch import FileWatch
from app.host.files.atomic_file import prepare


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "ha" / "lvs.cf"
    path.parent.mkdir()
    path.write_bytes(b"old")
    return path


@pytest.fixture
def watch(path: Path) -> Iterator[FileWatch]:
    found = FileWatch(path)
    yield found
    found.close()


def _is_woken(watch: FileWatch) -> bool:
    readable, _, _ = select.select([watch], [], [], 10)
    return bool(readable)


def _rewrite(path: Path) -> None:
    path.write_bytes(b"new")


def _publish(path: Path) -> None:
    prepare(path, b"new").publish()


def _move_away(path: Path) -> None:
    path.rename(path.with_name("other"))


@pytest.mark.parametrize("change", [_rewrite, _publish, os.unlink, _move_away])
def test_it_wakes_up_and_says_that_the_file_changed_once(
    watch: FileWatch, path: Path, change: Callable[[Path], None]
) -> None:
    assert not watch.has_changed()
    change(path)
    assert _is_woken(watch)
    assert watch.has_changed()
    assert not watch.has_changed()


def test_a_file_that_is_made_is_noticed(watch: FileWatch, path: Path) -> None:
    path.unlink()
    assert watch.has_changed()
    path.write_bytes(b"new")
    assert _is_woken(watch)
    assert watch.has_changed()


def test_other_files_of_the_directory_are_no_change(watch: FileWatch, path: Path) -> None:
    prepare(path, b"new").discard()
    path.with_name("lvs.cf.bak").write_bytes(b"x")
    assert _is_woken(watch)
    assert not watch.has_changed()


def test_reading_the_file_is_no_change(watch: FileWatch, path: Path) -> None:
    path.read_bytes()
    assert not watch.has_changed()


def test_a_directory_that_is_replaced_is_watched_on(watch: FileWatch, path: Path) -> None:
    path.parent.rename(path.parent.with_name("away"))
    assert watch.has_changed()
    path.parent.mkdir()
    path.write_bytes(b"new")
    assert watch.has_changed()
    _publish(path)
    assert _is_woken(watch)
    assert watch.has_changed()


def test_a_directory_that_is_made_later_is_watched(tmp_path: Path) -> None:
    path = tmp_path / "later" / "lvs.cf"
    watch = FileWatch(path)
    assert not watch.has_changed()
    path.parent.mkdir()
    assert not watch.has_changed()
    path.write_bytes(b"new")
    assert _is_woken(watch)
    assert watch.has_changed()
    watch.close()


def test_a_change_behind_a_link_is_noticed_when_asked(tmp_path: Path) -> None:
    target, path = tmp_path / "target", tmp_path / "ha" / "lvs.cf"
    target.write_bytes(b"old")
    path.parent.mkdir()
    path.symlink_to(target)
    watch = FileWatch(path)
    target.write_bytes(b"newer")
    assert watch.has_changed()
    watch.close()
