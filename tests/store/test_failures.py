"""A database that cannot be used: each cause has its sentence, nothing is lost, and it may work again after."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from app.lvs.model.config import Config, VirtualServer
from app.store import Edit, Store, StoreBusy, StoreFailed, open_store
from tests.store.stores import FAST, add_web, change, locked


def test_a_locked_database_is_busy_for_writers_and_open_for_readers(store: Store, path: Path) -> None:
    row = add_web(store)
    with locked(path):
        with pytest.raises(StoreBusy, match=r"is busy: another change or a backup has locked it. Nothing was"):
            add_web(store)
        with pytest.raises(StoreBusy):
            store.users.create("anna", "vier Esel im Nebel")
        assert store.snapshot().config.virtual == (row.virtual,)
    assert add_web(store, "later").virtual.name == "later"


def test_a_second_edit_waits_for_the_first_and_is_then_busy(store: Store, url: str) -> None:
    other = open_store(url, busy_timeout_s=0.01)
    with store.edit("anna") as edit:
        edit.add_virtual(VirtualServer(name="first"))
        with pytest.raises(StoreBusy):
            add_web(other)
        edit.finish("", b"")
    assert [virtual.name for virtual in store.snapshot().config.virtual] == ["first"]


def test_an_edit_holds_the_write_lock_from_its_first_moment(store: Store, url: str) -> None:
    other = open_store(url, busy_timeout_s=0.01)
    with store.edit("anna"), pytest.raises(StoreBusy), other.edit("berta"):
        pass


@contextmanager
def full_disk() -> Iterator[None]:
    """Let no database grow: SQLite then says what it says on a full disk."""

    def limit(connection: sqlite3.Connection, *_: object) -> None:
        connection.execute("PRAGMA max_page_count = 1").close()

    event.listen(Engine, "checkout", limit)
    try:
        yield
    finally:
        event.remove(Engine, "checkout", limit)


def test_a_full_disk_is_said_and_nothing_changes(store: Store, url: str) -> None:
    row = add_web(store)
    full = open_store(url, hasher=FAST)

    def add_much(edit: Edit) -> None:
        edit.add_virtual(VirtualServer(name="dropped"))
        edit.finish("", os.urandom(200_000))

    with full_disk(), pytest.raises(StoreFailed, match=r"The disk is full: .* Free some space"):
        change(full, add_much)
    full.close()
    for opened in (store, open_store(url)):
        assert opened.snapshot().config == Config(serial_no=1, virtual=(row.virtual,))
        assert len(opened.revisions()) == 1
    change(store, lambda edit: edit.delete_virtual(row.id))


def test_a_file_that_is_no_database_is_said(tmp_path: Path) -> None:
    path = tmp_path / "palometa.db"
    path.write_bytes(b"this is a text, long enough for a header\n" * 100)
    with pytest.raises(StoreFailed, match=r"palometa.db is not an SQLite database"):
        open_store(f"sqlite:///{path}")


def test_a_damaged_database_is_said(store: Store, path: Path, tmp_path: Path) -> None:
    for number in range(40):
        add_web(store, f"v{number}")
    store.close()
    damaged = Path(shutil.copy(path, tmp_path / "damaged.db"))
    content = bytearray(damaged.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    damaged.write_bytes(bytes(content))
    with pytest.raises(StoreFailed, match="is damaged"):
        open_store(f"sqlite:///{damaged}").snapshot()


def test_a_directory_that_is_missing_is_said(tmp_path: Path) -> None:
    with pytest.raises(StoreFailed, match=r"cannot be opened.*directory must exist"):
        open_store(f"sqlite:///{tmp_path}/nowhere/palometa.db")


def test_a_database_without_tables_is_said(tmp_path: Path) -> None:
    with pytest.raises(StoreFailed, match="is missing tables"):
        open_store(f"sqlite:///{tmp_path}/palometa.db")


def test_a_database_opened_read_only_is_said(store: Store) -> None:
    def forbid(connection: sqlite3.Connection, *_: object) -> None:
        connection.execute("PRAGMA query_only = ON").close()

    event.listen(Engine, "checkout", forbid)
    try:
        with pytest.raises(StoreFailed, match="is not writable"):
            add_web(store)
        assert store.snapshot().config == Config(serial_no=0)
    finally:
        event.remove(Engine, "checkout", forbid)


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("nonsense", "PALOMETA_DATABASE_URL cannot be parsed"),
        ("nosuchthing://x/y", "nosuchthing.* is not installed"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
    ],
)
def test_a_url_that_cannot_be_used_is_said(url: str, sentence: str) -> None:
    with pytest.raises(StoreFailed, match=sentence):
        open_store(url)


def test_a_block_this_version_cannot_read_is_said(store: Store, url: str) -> None:
    add_web(store)
    with store.database.writing() as connection:
        connection.exec_driver_sql('UPDATE virtual_servers SET settings = \'{"name": "web", "of_tomorrow": 1}\'')
    with pytest.raises(StoreFailed, match=r"of_tomorrow.*install the newer version again"):
        open_store(url).snapshot()


def test_only_the_owner_may_read_the_files(store: Store, path: Path) -> None:
    add_web(store)
    assert {file.name: oct(file.stat().st_mode & 0o777) for file in path.parent.glob("palometa.db-*")} == {
        "palometa.db-wal": "0o600",
        "palometa.db-shm": "0o600",
    }


@pytest.mark.parametrize(
    ("pragma", "value"), [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("busy_timeout", 50)]
)
def test_sqlite_is_set_up_to_lose_nothing(store: Store, pragma: str, value: object) -> None:
    with store.database.writing() as connection:
        assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar_one() == value
