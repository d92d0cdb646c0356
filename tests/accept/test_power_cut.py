"""The power fails under a writer: what was acknowledged is there when the machine is back, on a real file system.

ext4 is shut down without its journal being flushed, and mounted anew: what was not synced is lost. Not tried is
a disk that loses what it had said to be written.
"""

import fcntl
import os
import random
import signal
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from io import FileIO
from pathlib import Path

import pytest

from app.accept.accept import catch_up
from tests.accept.port_changes import FIRST_PORT, accept_port, begin, opened, port_in, require_whole, settings_in

pytestmark = pytest.mark.kernel

CUTS = 12
SIZE = 32 << 20
FILES = {"lvs.cf", "lvs.cf.lock", "palometa.db", "palometa.db-wal", "palometa.db-shm", "lost+found"}
UNSYNCED = "unsynced"
_SHUT_DOWN = 0x8004587D
_WITHOUT_FLUSH = (2).to_bytes(4, "little")
"""FS_IOC_SHUTDOWN and EXT4_GOING_FLAGS_NOLOGFLUSH, of linux/fs/ext4/ext4.h."""


@contextmanager
def mounted(image: Path, at: Path) -> Iterator[Path]:
    """Have the file system in `image` mounted for the block."""
    subprocess.run(["mount", "-t", "ext4", "-o", "loop", str(image), str(at)], check=True)
    try:
        yield at
    finally:
        subprocess.run(["umount", str(at)], check=True)


@contextmanager
def writer(directory: Path, first: int) -> Iterator[FileIO]:
    """Have a process ACCEPT one port after the other until it fails; yield what it writes each accepted one to."""
    said, says = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(said)
            store = opened(directory)
            for port in range(first, first + 1000):
                accept_port(directory, store, port)
                os.write(says, b"%d\n" % port)
        finally:
            os._exit(1)
    os.close(says)
    try:
        with FileIO(said) as lines:
            yield lines
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def cut_power(directory: Path) -> None:
    """Lose what is not on the disk yet; from now on nothing is written any more."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        fcntl.ioctl(descriptor, _SHUT_DOWN, _WITHOUT_FLUSH)
    finally:
        os.close(descriptor)


def accepted_until_a_cut(directory: Path, first: int, chance: random.Random) -> int:
    """Cut the power under a writer at some moment; return the last port that was acknowledged."""
    with writer(directory, first) as lines:
        text = b"".join(lines.readline() for _ in range(chance.randrange(1, 5)))
        # Where exactly the cut falls is left to chance.
        for _ in range(chance.randrange(100_000)):
            pass
        (directory / UNSYNCED).write_bytes(UNSYNCED.encode())
        cut_power(directory)
        # It fails at its next write.
        text += lines.readall()
    return int(text.split()[-1])


def test_what_was_acknowledged_is_there_and_lvs_cf_is_caught_up_with(empty_database: Path, tmp_path: Path) -> None:
    seed = random.randrange(2**32)
    chance = random.Random(seed)
    image, disk = tmp_path / "image", tmp_path / "disk"
    disk.mkdir()
    with image.open("wb") as file:
        file.truncate(SIZE)
    # Not every kernel loads it when it is needed; what is built in is no module.
    subprocess.run(["modprobe", "--quiet", "loop"], check=False)
    subprocess.run(["mkfs.ext4", "-q", "-F", str(image)], check=True)
    with mounted(image, disk):
        begin(disk, empty_database)
    port, lost = FIRST_PORT, 0
    for _ in range(CUTS):
        with mounted(image, disk):
            acknowledged = accepted_until_a_cut(disk, port + 1, chance)
        with mounted(image, disk):
            unsynced = disk / UNSYNCED
            lost += not unsynced.exists() or unsynced.read_bytes() == b""
            unsynced.unlink(missing_ok=True)
            assert port_in(disk / "lvs.cf") in (acknowledged, acknowledged + 1), seed
            with closing(opened(disk)) as store:
                catch_up(settings_in(disk), store)
                found = require_whole(disk, store)
            assert found in (acknowledged, acknowledged + 1), seed
            assert {entry.name for entry in disk.iterdir()} <= FILES, seed
            port = found
    # It is a test only if a cut loses what is not synced; the writer's own syncs may take it along now and then.
    assert lost > 0
