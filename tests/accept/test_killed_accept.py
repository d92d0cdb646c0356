"""kill -9 of an ACCEPT at each call that changes a file: the next start has the old revision or the new one."""

from dataclasses import replace
from pathlib import Path

import pytest

from app.accept.accept import AcceptContext, ChangeResult, accept, catch_up
from app.lvs.grammar.reader import parse
from app.lvs.grammar.writer import Writer
from app.settings import Settings
from app.store import Edit, Store, open_store
from tests.killed import kills
from tests.web.clusters import save_cluster

OLD, NEW, NEXT = 80, 8080, 8081
LEFT = {"lvs.cf", "lvs.cf.lock", "palometa.db"}
"""Beside them may be what SQLite keeps while its database is open."""


@pytest.fixture
def before(tmp_path: Path, empty_database: Path) -> Path:
    """An installation that serves on port OLD, as a stopped web part leaves it."""
    directory = tmp_path / "before"
    directory.mkdir()
    (directory / "palometa.db").write_bytes(empty_database.read_bytes())
    store = opened(directory)
    save_cluster(settings_in(directory), store)
    store.close()
    return directory


def settings_in(directory: Path) -> Settings:
    return Settings(
        lvs_cf=directory / "lvs.cf",
        state_directory=directory,
        runtime_directory=directory,
        database_url=f"sqlite:///{directory / 'palometa.db'}",
    )


def opened(directory: Path) -> Store:
    return open_store(settings_in(directory).database_url)


def set_port(directory: Path, port: int = NEW) -> None:
    """Start, ACCEPT one change, and end."""
    store = opened(directory)

    def change(edit: Edit) -> ChangeResult:
        row = edit.snapshot.virtual[0]
        edit.set_virtual(row.id, replace(row.virtual, port=port))
        return ChangeResult("set the port", None)

    accept(AcceptContext(settings_in(directory), store, Writer(), "anna", None, None), change)
    store.close()


def port_in(data: bytes) -> int | None:
    config = parse(data).config
    assert config is not None
    return config.virtual[0].port


def test_it_is_the_old_revision_or_the_new_one_and_nothing_is_left_beside_it(before: Path, tmp_path: Path) -> None:
    seen = list[tuple[str, int | None]]()
    for directory, call in kills(before, set_port, tmp_path):
        # What pulse would read at this moment.
        assert port_in((directory / "lvs.cf").read_bytes()) in (OLD, NEW), call
        store = opened(directory)
        with store.database.reading() as connection:
            assert connection.exec_driver_sql("PRAGMA quick_check").scalars().all() == ["ok"], call
        catch_up(settings_in(directory), store)
        snapshot = store.snapshot()
        assert snapshot.serial_no == store.revisions(1)[0].serial_no
        port = snapshot.config.virtual[0].port
        revision = store.revision(snapshot.serial_no)
        assert revision is not None
        assert (directory / "lvs.cf").read_bytes() == revision.data, call
        assert port_in(revision.data) == port, call
        store.close()
        assert {entry.name for entry in directory.iterdir()} - LEFT == set(), call
        set_port(directory, NEXT)
        assert port_in((directory / "lvs.cf").read_bytes()) == NEXT, call
        seen.append((call, port))
    # Once it is new it stays so, whatever comes later; and there are calls before and after that.
    ports = [port for _, port in seen]
    assert set(ports) == {OLD, NEW}
    assert ports[-1] == NEW
    assert len(seen) > 20, seen
