"""History: every accepted lvs.cf comes back byte for byte, and the audit says who changed what."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.lvs.model.config import Config, RealServer, VirtualServer
from app.lvs.model.values import Network
from app.store import ObjectKind, Store, StoreFailed
from tests.store.stores import Clock, add_web, change


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary())
def test_a_revision_is_kept_byte_for_byte(store: Store, data: bytes) -> None:
    with store.edit("anna") as edit:
        serial_no = edit.finish("summary", data)
    revision = store.revision(serial_no)
    assert revision is not None
    assert (revision.data, revision.author, revision.summary) == (data, "anna", "summary")


def test_there_is_no_revision_that_never_was(store: Store) -> None:
    assert store.revision(7) is None


def test_revisions_come_newest_first_and_a_page_at_a_time(store: Store, clock: Clock) -> None:
    for number in range(5):
        change(store, lambda edit: None, summary=f"change {number}")
        clock.pass_s(60)
    assert [head.serial_no for head in store.revisions(limit=2)] == [5, 4]
    assert [head.summary for head in store.revisions(limit=9, before=4)] == ["change 2", "change 1", "change 0"]
    assert store.revisions(limit=1)[0].at.isoformat() == "2026-01-09T12:04:00+00:00"


def test_a_damaged_revision_is_never_given_out(store: Store) -> None:
    change(store, lambda edit: edit.add_virtual(VirtualServer(name="web")))
    for wrong in (b"", b"no zlib", b"x\x9c\x03\x00\x00\x00\x00\x01"):
        with store.database.writing() as connection:
            connection.exec_driver_sql("UPDATE revisions SET data = ?, sha256 = 'x'", (wrong,))
        with pytest.raises(StoreFailed, match="Revision 1 in the database is damaged"):
            store.revision(1)


def test_the_audit_has_what_was_added_changed_and_deleted(store: Store) -> None:
    row = add_web(store, servers=1)
    with store.edit("berta", "192.0.2.9") as edit:
        edit.set_globals(Config(network=Network.DIRECT))
        edit.set_virtual(row.id, VirtualServer(name="www", port=80, active=True))
        edit.delete_server(row.servers[0].id)
        edit.add_server(row.id, RealServer(name="new", weight=2))
        edit.finish("much", b"")
    changes = {(made.kind, made.name): made for made in store.audit(limit=1)}
    assert {key: made.fields for key, made in changes.items()} == {
        (ObjectKind.GLOBALS, ""): {"network": (None, "direct")},
        (ObjectKind.VIRTUAL, "www"): {"name": ("web", "www"), "active": (None, True)},
        (ObjectKind.SERVER, "s0"): {"name": ("s0", None)},
        (ObjectKind.SERVER, "new"): {"name": (None, "new"), "weight": (None, 2)},
    }
    assert {(made.serial_no, made.author, made.remote, made.summary) for made in changes.values()} == {
        (2, "berta", "192.0.2.9", "much")
    }
    assert changes[ObjectKind.SERVER, "s0"].is_deleted
    assert changes[ObjectKind.SERVER, "new"].is_added


def test_the_audit_has_nothing_of_what_stayed_as_it_was(store: Store) -> None:
    row = add_web(store)
    change(store, lambda edit: edit.add_virtual(VirtualServer(name="first"), 0))
    change(store, lambda edit: edit.set_virtual(row.id, row.virtual))
    change(store, lambda edit: edit.replace(edit.config()))
    assert [(made.serial_no, made.name) for made in store.audit()] == [
        (2, "first"),
        (1, "web"),
        (1, "s0"),
        (1, "s1"),
    ]


def test_a_change_that_is_taken_back_within_one_edit_is_none(store: Store) -> None:
    row = add_web(store)
    with store.edit("anna") as edit:
        edit.set_virtual(row.id, VirtualServer(name="web", port=1))
        edit.set_virtual(row.id, row.virtual)
        edit.delete_server(edit.add_server(row.id, RealServer(name="brief")))
        edit.finish("", b"")
    assert store.audit(limit=1) == []


def test_a_deleted_virtual_server_is_found_in_the_audit_with_its_place_and_its_servers(store: Store) -> None:
    add_web(store, "a")
    row = add_web(store, "b")
    change(store, lambda edit: edit.delete_virtual(row.id), "berta")
    assert [(made.kind, made.name, made.position) for made in store.audit(limit=1)] == [
        (ObjectKind.VIRTUAL, "b", 1),
        (ObjectKind.SERVER, "s0", 0),
        (ObjectKind.SERVER, "s1", 1),
    ]
    (made,) = store.changes_since(2, "server", row.servers[0].id)
    assert made.is_deleted


def test_failover_blocks_are_audited_by_their_place(store: Store) -> None:
    change(store, lambda edit: edit.replace(Config(failover=(VirtualServer(name="fos", port=1),))))
    change(store, lambda edit: edit.replace(Config(failover=(VirtualServer(name="fos", port=2),))))
    change(store, lambda edit: edit.replace(Config()))
    assert [(made.kind, made.object_id, made.fields) for made in store.audit()] == [
        (ObjectKind.FAILOVER, 0, {"name": ("fos", None), "port": (2, None)}),
        (ObjectKind.FAILOVER, 0, {"port": (1, 2)}),
        (ObjectKind.FAILOVER, 0, {"name": (None, "fos"), "port": (None, 1)}),
    ]
