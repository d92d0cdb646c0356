"""What a killed writer left beside its file is deleted by the next one, and nothing else is."""

import os
from pathlib import Path

import pytest

from app.host.files import leftovers
from app.host.files.atomic_file import clear_leftovers, prepare

LEFT = ".lvs.cf.0123456789abcdef"


def names(directory: Path) -> set[str]:
    return {entry.name for entry in directory.iterdir()}


def test_the_next_writer_deletes_what_an_earlier_one_left(tmp_path: Path) -> None:
    (tmp_path / LEFT).write_bytes(b"half")
    leftovers.beside(tmp_path / "lvs.cf").write_bytes(b"whole")
    pending = prepare(tmp_path / "lvs.cf", b"new")
    assert names(tmp_path) == {pending.beside.name}
    pending.publish()
    assert names(tmp_path) == {"lvs.cf"}


def test_it_is_deleted_beside_the_file_that_a_link_leads_to(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / LEFT).write_bytes(b"half")
    (tmp_path / "link.cf").symlink_to(tmp_path / "there" / "lvs.cf")
    clear_leftovers(tmp_path / "link.cf")
    assert names(tmp_path / "there") == set()


def test_what_is_of_another_kind_or_has_another_name_stays(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.write_bytes(b"kept")
    (tmp_path / LEFT).symlink_to(kept)
    (tmp_path / ".lvs.cf.0000000000000000").mkdir()
    os.mkfifo(tmp_path / ".lvs.cf.1111111111111111")
    for name in (".lvs.cf.swp", ".lvs.cf.0123", f"{LEFT}0", f"{LEFT}~", ".lvsxcf.0123456789abcdef", LEFT[1:]):
        (tmp_path / name).write_bytes(b"an editor's")
    (tmp_path / ".other.cf.0123456789abcdef").write_bytes(b"another writer's")
    before = names(tmp_path)
    prepare(tmp_path / "lvs.cf", b"new").publish()
    assert names(tmp_path) == before | {"lvs.cf"}
    assert kept.read_bytes() == b"kept"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes files of others")
def test_what_belongs_to_somebody_else_stays(tmp_path: Path) -> None:
    (tmp_path / LEFT).write_bytes(b"not ours")
    os.chown(tmp_path / LEFT, 54321, 54321)
    prepare(tmp_path / "lvs.cf", b"new").publish()
    assert names(tmp_path) == {"lvs.cf", LEFT}
    # Given to whom the file belongs, and killed then: that one is ours.
    os.chown(tmp_path / "lvs.cf", 54321, 54321)
    clear_leftovers(tmp_path / "lvs.cf")
    assert names(tmp_path) == {"lvs.cf"}
