"""What belongs to lvs.cf besides its bytes survives its replacement."""

import os
import struct
from pathlib import Path

import pytest

from app.host.files.atomic_file import prepare, read
from tests.host.own_mounts import mount, own_mounts, root_mounts

pytestmark = root_mounts

OLD, NEW = b"serial_no = 1\n", b"serial_no = 2\n"
ACCESS, DEFAULT = "system.posix_acl_access", "system.posix_acl_default"


def access_list(user: int) -> bytes:
    """Return one by which `user` reads (linux/posix_acl_xattr.h): owner, that user, group, mask, others."""
    nobody = 2**32 - 1
    entries = ((1, 6, nobody), (2, 4, user), (4, 0, nobody), (0x10, 4, nobody), (0x20, 0, nobody))
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "lvs.cf"
    path.write_bytes(OLD)
    return path


def attributes(path: Path) -> dict[str, bytes]:
    return {name: os.getxattr(path, name) for name in os.listxattr(path)}


def test_all_of_it_survives(path: Path) -> None:
    path.chmod(0o664)
    os.chown(path, 4321, 1234)
    for name, value in (
        ("user.note", b"by hand"),
        ("user.empty", b""),
        ("security.label", b"lvs"),
        ("trusted.x", b"1"),
    ):
        os.setxattr(path, name, value)
    os.setxattr(path, ACCESS, access_list(5000))
    before, status = attributes(path), path.stat()
    assert len(before) == 5
    prepare(path, NEW).publish()
    assert read(path) == NEW
    assert attributes(path) == before
    now = path.stat()
    assert (now.st_uid, now.st_gid, now.st_mode) == (status.st_uid, status.st_gid, status.st_mode)
    assert now.st_ino != status.st_ino


def test_a_capability_of_the_file_survives_although_writing_takes_it(path: Path) -> None:
    # VFS_CAP_REVISION_2, effective, CAP_NET_RAW.
    capability = struct.pack("<5I", 0x02000001, 1 << 13, 0, 0, 0)
    os.setxattr(path, "security.capability", capability)
    prepare(path, NEW).publish()
    assert attributes(path)["security.capability"] == capability


def test_an_access_list_that_the_directory_gives_to_new_files_is_not_put_on_this_one(path: Path) -> None:
    path.chmod(0o640)
    os.setxattr(path.parent, DEFAULT, access_list(5000))
    before = attributes(path)
    prepare(path, NEW).publish()
    assert (attributes(path), path.stat().st_mode & 0o777) == (before, 0o640)
    # A file that is new gets it, as any other would.
    path.unlink()
    prepare(path, NEW).publish()
    assert ACCESS in attributes(path)


def test_a_signature_of_the_old_content_is_not_put_on_the_new_one(path: Path) -> None:
    os.setxattr(path, "security.ima", b"\x01of the old bytes")
    prepare(path, NEW).publish()
    assert attributes(path) == {}


def test_no_program_comes_to_run_as_root_by_it(path: Path) -> None:
    path.chmod(0o6755)
    prepare(path, NEW).publish()
    assert path.stat().st_mode & 0o7777 == 0o755


def test_a_file_system_without_attributes_has_none_to_lose(path: Path, tmp_path: Path) -> None:
    with own_mounts():
        directory = tmp_path / "ramfs"
        directory.mkdir()
        mount("-t", "ramfs", "ramfs", directory)
        for data in (OLD, NEW):
            prepare(directory / "lvs.cf", data).publish()
            assert read(directory / "lvs.cf") == data
