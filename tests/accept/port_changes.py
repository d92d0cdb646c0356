"""An installation in one directory whose ACCEPTs set the port of its first virtual server, to tell them apart."""

from dataclasses import replace
from pathlib import Path

from app.accept.accept import AcceptContext, ChangeResult, accept
from app.lvs.grammar.reader import parse
from app.lvs.grammar.writer import Writer
from app.settings import Settings
from app.store import Edit, Store, open_store
from tests.web.clusters import save_cluster

FIRST_PORT = 80


def settings_in(directory: Path) -> Settings:
    """Return the settings of the installation in `directory`."""
    return Settings(
        lvs_cf=directory / "lvs.cf",
        state_directory=directory,
        runtime_directory=directory,
        database_url=f"sqlite:///{directory / 'palometa.db'}",
    )


def opened(directory: Path) -> Store:
    """Return its store."""
    return open_store(settings_in(directory).database_url)


def begin(directory: Path, empty_database: Path) -> None:
    """Have it serve on FIRST_PORT, as a stopped web part leaves it."""
    (directory / "palometa.db").write_bytes(empty_database.read_bytes())
    store = opened(directory)
    save_cluster(settings_in(directory), store)
    store.close()


def accept_port(directory: Path, store: Store, port: int) -> None:
    """ACCEPT the port."""

    def change(edit: Edit) -> ChangeResult:
        row = edit.snapshot.virtual[0]
        edit.set_virtual(row.id, replace(row.virtual, port=port))
        return ChangeResult("set the port", None)

    accepted = accept(AcceptContext(settings_in(directory), store, Writer(), "anna", None, None), change)
    assert not accepted.trouble


def port_in(lvs_cf: Path) -> int | None:
    """Return the port in the file."""
    config = parse(lvs_cf.read_bytes()).config
    assert config is not None
    return config.virtual[0].port


def require_whole(directory: Path, store: Store) -> int | None:
    """Require that the database is sound and lvs.cf its last revision; return the port."""
    with store.database.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA quick_check").scalars().all() == ["ok"]
    snapshot = store.snapshot()
    assert snapshot.serial_no == store.revisions(1)[0].serial_no
    revision = store.revision(snapshot.serial_no)
    assert revision is not None
    assert (directory / "lvs.cf").read_bytes() == revision.data
    assert port_in(directory / "lvs.cf") == snapshot.config.virtual[0].port
    return snapshot.config.virtual[0].port
