"""Two who edit at once: an acknowledged change is never lost, and the second learns what the first did."""

import threading
from dataclasses import replace

from app.lvs.model.config import RealServer
from app.lvs.model.values import Network
from app.store import ObjectKind, Store, open_store
from tests.store.stores import add_web, change, found

ROUNDS = 25


def count_up(url: str, server_id: int, added: list[int], virtual_id: int) -> None:
    """Add one to a server's weight again and again, and a server of one's own each time."""
    store = open_store(url)
    for _ in range(ROUNDS):
        with store.edit("counter") as edit:
            row = edit.snapshot.find_server(server_id)
            assert row is not None
            edit.set_server(server_id, replace(row.server, weight=(row.server.weight or 0) + 1))
            new = edit.add_server(virtual_id, RealServer(name="new"), 0)
            edit.finish("", b"")
        added.append(new)
    store.close()


def test_edits_at_once_are_all_kept(store: Store, url: str) -> None:
    row = add_web(store)
    server_id = row.servers[0].id
    added: list[int] = []
    threads = [threading.Thread(target=count_up, args=(url, server_id, added, row.id)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    snapshot = store.snapshot()
    counted = snapshot.find_server(server_id)
    assert counted is not None
    assert counted.server.weight == 3 * ROUNDS
    assert snapshot.serial_no == 1 + 3 * ROUNDS
    assert {server.id for server in found(store, row.id).servers} >= set(added)
    assert len(set(added)) == 3 * ROUNDS


def test_threads_that_share_a_store_see_each_edit_that_was_acknowledged(store: Store) -> None:
    row = add_web(store)
    missed: list[int] = []

    def read() -> None:
        for _ in range(200):
            low = acknowledged[0]
            if store.snapshot().serial_no < low:
                missed.append(low)

    acknowledged = [1]
    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for weight in range(30):
        with store.edit("anna") as edit:
            edit.set_server(row.servers[0].id, RealServer(name="s0", weight=weight))
            edit.finish("", b"")
        acknowledged[0] = store.snapshot().serial_no
    for reader in readers:
        reader.join()
    assert missed == []


def test_the_second_editor_learns_what_changed_and_by_whom(store: Store) -> None:
    row = add_web(store)
    server = row.servers[0]
    seen = store.snapshot().serial_no
    change(store, lambda edit: edit.set_server(server.id, replace(server.server, weight=5)), "anna", "weight up")
    change(store, lambda edit: edit.set_globals(replace(edit.config(), network=Network.NAT)), "berta")
    (made,) = store.changes_since(seen, "server", server.id)
    assert (made.author, made.summary, made.at.isoformat()) == ("anna", "weight up", "2026-01-09T12:00:00+00:00")
    assert made.fields == {"weight": (None, 5)}
    (made,) = store.changes_since(seen, ObjectKind.GLOBALS)
    assert (made.author, made.fields) == ("berta", {"network": (None, "nat")})
    assert store.changes_since(seen, "virtual", row.id) == []
    assert store.changes_since(seen + 2, "server", server.id) == []
