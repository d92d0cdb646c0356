"""A real disk that is full: of lvs.cf, of the database, of both. Nothing is lost, pages are read, it recovers."""

import errno
import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path

import pytest

from tests.web.served import ServedWeb, serving

pytestmark = pytest.mark.kernel

SIZE = "3m"
PAGES = ("/control", "/virtual", "/global", "/history")


@contextmanager
def small_disk(path: Path) -> Iterator[Path]:
    """Have a file system of a few megabytes at `path` for the block."""
    path.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(path)], check=True)
    try:
        yield path
    finally:
        subprocess.run(["umount", "--lazy", str(path)], check=True)


def fill(disk: Path) -> Path:
    """Fill the disk to the last byte with one file."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (1 << 16, 1 << 12, 1):
            with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
                write_for_ever(file, b"x" * size)
    return filler


def write_for_ever(file: FileIO, data: bytes) -> None:
    while True:
        file.write(data)


@pytest.mark.parametrize("full", ["lvs.cf", "database", "both"])
def test_a_save_is_refused_the_old_file_stays_and_pages_are_read_on(
    tmp_path: Path, database: Path, full: str
) -> None:
    log = tmp_path / "log"
    (tmp_path / "large").mkdir()
    with small_disk(tmp_path / "small") as small:
        places = {
            "lvs.cf": (tmp_path / "large", small),
            "database": (small, tmp_path / "large"),
            "both": (small, small),
        }
        state, directory = places[full]
        lvs_cf = directory / "lvs.cf"
        with serving(ServedWeb(state, lvs_cf, database), log) as web:
            assert web.set_port(8080).status == 200
            before, files = lvs_cf.read_bytes(), sorted(entry.name for entry in directory.iterdir())
            filler = fill(small)
            for port in range(8081, 8084):
                answer = web.set_port(port)
                assert answer.status == 507, answer.text
                assert "disk is full" in answer.text
                assert "Nothing was changed" in answer.text
            assert lvs_cf.read_bytes() == before
            # No file is left beside it, however often it was tried.
            assert sorted(entry.name for entry in directory.iterdir() if entry != filler) == files
            assert [web.look(address).status for address in PAGES] == [200] * len(PAGES)
            assert json.loads(web.read(f"/api/virtual/{web.ids.web}").text)["port"] == 8080
            filler.unlink()
            assert web.set_port(8090).status == 200
            assert b"port = 8090" in lvs_cf.read_bytes()
    assert "Traceback" not in log.read_text()
