"""Loading: only what is new is read, and what did not change stays the same object."""

from dataclasses import replace

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from app.lvs.model.config import Config, RealServer
from app.lvs.model.values import Network
from app.store import Snapshot, Store, open_store
from tests.store.stores import add_web, change


@pytest.fixture
def other(store: Store, url: str) -> Store:
    """Return another process's store, with five virtual servers known to both."""
    for number in range(5):
        add_web(store, f"v{number}")
    opened = open_store(url)
    assert opened.snapshot() == store.snapshot()
    return opened


def test_the_same_serial_is_the_same_snapshot(store: Store) -> None:
    add_web(store)
    assert store.snapshot() is store.snapshot()


def shared(before: Snapshot, after: Snapshot) -> list[bool]:
    """Return for each virtual server of `after` whether it is the object it was."""
    old = {row.id: row.virtual for row in before.virtual}
    return [row.virtual is old.get(row.id) for row in after.virtual]


@pytest.mark.parametrize("seen_by", ["the editor", "another process"])
def test_setting_a_server_leaves_every_other_object_as_it_is(store: Store, other: Store, seen_by: str) -> None:
    reader = store if seen_by == "the editor" else other
    before = reader.snapshot()
    server = before.virtual[2].servers[1]
    change(store, lambda edit: edit.set_server(server.id, replace(server.server, weight=7)))
    after = reader.snapshot()
    assert shared(before, after) == [True, True, False, True, True]
    assert [virtual is two for virtual, two in zip(before.virtual, after.virtual, strict=True)] == [1, 1, 0, 1, 1]
    assert after.virtual[2].servers[0] is before.virtual[2].servers[0]
    assert after.virtual[2].servers[1].server.weight == 7
    assert after.config.virtual[2].server[1].weight == 7


@pytest.mark.parametrize("seen_by", ["the editor", "another process"])
def test_moving_a_virtual_server_leaves_it_the_same_object(store: Store, other: Store, seen_by: str) -> None:
    reader = store if seen_by == "the editor" else other
    before = reader.snapshot()
    change(store, lambda edit: edit.delete_virtual(before.virtual[1].id))
    after = reader.snapshot()
    assert shared(before, after) == [True] * 4
    assert [row.changed_serial for row in after.virtual] == [1, 3, 4, 5]


@pytest.mark.parametrize("seen_by", ["the editor", "another process"])
def test_setting_globals_leaves_all_blocks_as_they_are(store: Store, other: Store, seen_by: str) -> None:
    reader = store if seen_by == "the editor" else other
    before = reader.snapshot()
    change(store, lambda edit: edit.set_globals(Config(network=Network.TUNNEL)))
    after = reader.snapshot()
    assert all(shared(before, after))
    assert after.globals_changed_serial == 6
    assert after.config.network is Network.TUNNEL


def test_another_process_reads_only_the_rows_that_are_new(store: Store, other: Store) -> None:
    rows = 0

    def count(connection: object, cursor: object, statement: str, *_: object) -> None:
        nonlocal rows
        if "FROM virtual_servers" in statement or "FROM real_servers" in statement:
            rows += statement.count("stored_serial > ")

    server = other.snapshot().virtual[0].servers[0]
    change(store, lambda edit: edit.set_server(server.id, RealServer(name="s0", weight=3)))
    event.listen(Engine, "before_cursor_execute", count)
    try:
        other.snapshot()
    finally:
        event.remove(Engine, "before_cursor_execute", count)
    assert rows == 2


def test_changed_serial_moves_only_with_the_settings_of_the_object_itself(store: Store) -> None:
    row = add_web(store)
    server = row.servers[0]
    change(store, lambda edit: edit.set_server(server.id, replace(server.server, weight=2)))
    change(store, lambda edit: edit.set_virtual(row.id, row.virtual))
    change(store, lambda edit: edit.set_globals(store.snapshot().config))
    snapshot = store.snapshot()
    found, untouched = snapshot.find_server(server.id), snapshot.find_server(row.servers[1].id)
    assert found is not None
    assert untouched is not None
    assert (snapshot.virtual[0].changed_serial, found.changed_serial, untouched.changed_serial) == (1, 2, 1)
    assert snapshot.globals_changed_serial == 0


def test_a_database_put_back_from_a_backup_is_read_anew(store: Store, other: Store) -> None:
    known = other.snapshot()
    with other.database.writing() as connection:
        connection.exec_driver_sql("DELETE FROM real_servers")
        connection.exec_driver_sql("DELETE FROM virtual_servers")
        connection.exec_driver_sql("UPDATE global_settings SET serial_no = 0")
    assert other.snapshot().config == Config(serial_no=0)
    assert known.serial_no == 5
