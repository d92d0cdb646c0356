"""The key that signs forms."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.web.frame.secret_key import load_secret_key


def test_it_is_made_once_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "state" / "secret_key"
    key = load_secret_key(path)
    assert len(key) == 32
    assert load_secret_key(path) == key
    assert path.stat().st_mode & 0o777 == 0o600


def test_processes_that_start_at_once_use_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(load_secret_key, [tmp_path / "secret_key"] * 32))
    assert len(keys) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]


def test_one_that_was_cut_off_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "secret_key"
    path.write_bytes(b"short")
    with pytest.raises(ValueError, match="remove it"):
        load_secret_key(path)


@pytest.mark.parametrize(
    "make",
    [os.mkfifo, Path.mkdir, lambda path: path.symlink_to("/dev/zero"), lambda path: path.symlink_to("nowhere")],
    ids=["a pipe", "a directory", "a device", "a link that leads nowhere"],
)
def test_what_is_no_file_is_refused_and_not_waited_for(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / "secret_key")
    with pytest.raises(ValueError, match=r"secret_key: .*remove it"):
        load_secret_key(tmp_path / "secret_key")
