"""The other router as it is kept, the line of revisions, and this router's own names of interfaces."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from alembic import command
from sqlalchemy import create_engine

from app.lvs.pair.interface_names import DeviceNames
from app.lvs.pair.lineage import NOTHING, LineageLink, RevisionId
from app.store import PairingOffer, Store, migrate, open_store
from app.store.migration import alembic_config
from tests.store.stores import Clock, add_web, change

CERTIFICATE = b"\x30\x82"


def version(store: Store) -> RevisionId:
    return store.partners.head()


def test_there_is_no_partner_before_one_is_paired_and_one_at_most(store: Store, clock: Clock) -> None:
    assert store.partners.find() is None
    store.partners.pair("one", "192.0.2.1", 3637, CERTIFICATE)
    made = store.partners.pair("other", "192.0.2.2", 3638, CERTIFICATE)
    assert store.partners.find() == made
    assert made.paired_at == datetime.fromtimestamp(clock.seconds, UTC)
    store.partners.unpair()
    assert store.partners.find() is None


def test_an_offer_is_kept_until_it_is_dropped_or_the_partner_goes(store: Store) -> None:
    offer = PairingOffer(
        RevisionId(3, "0" * 64), datetime(2026, 1, 1, tzinfo=UTC), "anna", "x", b"serial_no = 3\n"
    )
    store.partners.keep_offer(offer)
    assert store.partners.offer() == offer
    assert store.partners.offer_version() == offer.version
    store.partners.drop_offer()
    assert store.partners.offer() is None
    store.partners.keep_offer(offer)
    store.partners.unpair()
    assert store.partners.offer_version() is None


def test_every_revision_descends_from_the_one_before_it(store: Store) -> None:
    assert version(store) == NOTHING
    heads = [NOTHING]
    for name in "abc":
        add_web(store, name)
        heads.append(version(store))
    for older in heads:
        assert store.partners.descent(heads[-1], older) is not None
    assert store.partners.descent(heads[1], heads[2]) is None
    assert store.partners.descent(heads[-1], RevisionId(1, "0" * 64)) is None
    assert store.partners.descent(heads[3], heads[1]) == [
        LineageLink(heads[3], (heads[2],)),
        LineageLink(heads[2], (heads[1],)),
    ]


def test_a_revision_may_be_made_from_a_second_one_and_skip_serials(store: Store) -> None:
    add_web(store)
    mine, theirs = version(store), RevisionId(7, "0" * 64)
    with store.edit("anna") as edit:
        edit.skip_to(8)
        edit.finish("chosen", b"serial_no = 8\n", parents=(theirs,))
    assert store.snapshot().serial_no == 8
    assert store.partners.descent(version(store), theirs) == [LineageLink(version(store), (mine, theirs))]
    assert store.serials_beside(8) == (1, None)
    assert store.serials_beside(1) == (None, 8)


def test_what_an_edit_learned_is_forgotten_with_it(store: Store) -> None:
    link = LineageLink(RevisionId(2, "1" * 64), (RevisionId(1, "0" * 64),))
    with store.edit("anna") as edit:
        edit.learn([link])
        assert edit.descends(link.version, link.parents[0])
    assert store.partners.descent(link.version, link.parents[0]) is None


def test_learning_twice_keeps_what_was_known_first(store: Store) -> None:
    link = LineageLink(RevisionId(2, "1" * 64), (RevisionId(1, "0" * 64),))
    for known in (link, LineageLink(link.version, ())):
        with store.edit("anna") as edit:
            edit.learn([known])
            edit.finish("", str(known).encode())
    assert store.partners.descent(link.version, link.parents[0]) == [link]


def test_names_of_interfaces_are_no_revision_and_tell_what_stands_in_the_file(store: Store) -> None:
    change(store, lambda edit: edit.config())
    names = DeviceNames({"eth0": "ens3"})
    store.partners.set_device_names(names, b"new", b"old")
    assert store.partners.device_names() == names
    (head,) = store.revisions()
    assert head.serial_no == 1
    assert head.written is not None
    assert head.written_before is not None
    assert len({head.written, head.written_before, head.sha256}) == 3
    store.partners.set_device_names(DeviceNames(), b"", b"new")
    assert not store.partners.device_names()


def test_the_revisions_of_an_older_database_become_one_line(tmp_path: Path) -> None:
    path = tmp_path / "palometa.db"
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config = alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
    engine.dispose()
    with closing(sqlite3.connect(path)) as database:
        for serial_no in (1, 2, 3):
            row = (serial_no, "2026-01-01 00:00:00", "anna", "", str(serial_no) * 64, b"")
            database.execute("INSERT INTO revisions VALUES (?, ?, ?, ?, ?, ?)", row)
        database.execute("UPDATE global_settings SET serial_no = 3")
        database.commit()
    migrate(f"sqlite:///{path}")
    store = open_store(f"sqlite:///{path}")
    assert version(store) == RevisionId(3, "3" * 64)
    assert store.partners.descent(version(store), RevisionId(1, "1" * 64)) is not None
    store.close()
