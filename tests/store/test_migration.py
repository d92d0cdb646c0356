"""Migrations: they make what the models say, in one step or none, and refuse what is newer."""

import os
import stat
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from app.store import Store, StoreFailed, migrate, open_store
from app.store.migration import alembic_config
from app.store.tables.configuration import SCHEMA, Record
from tests.store.stores import add_web


def test_the_migrations_make_the_tables_of_the_models(store: Store) -> None:
    with store.database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Record.metadata) == []


def test_the_code_names_the_last_migration() -> None:
    assert ScriptDirectory.from_config(alembic_config()).get_current_head() == SCHEMA


def test_every_migration_sorts_behind_the_one_before() -> None:
    names = [script.revision for script in ScriptDirectory.from_config(alembic_config()).walk_revisions()]
    assert names == sorted(names, reverse=True)


def test_migrating_again_changes_nothing(store: Store, url: str) -> None:
    row = add_web(store)
    migrate(url)
    assert open_store(url).snapshot().config.virtual == (row.virtual,)


def test_a_new_database_is_readable_by_its_owner_alone_whatever_the_umask(tmp_path: Path) -> None:
    path = tmp_path / "palometa.db"
    before = os.umask(0)
    try:
        migrate(f"sqlite:///{path}")
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_path_with_odd_characters_is_migrated(tmp_path: Path) -> None:
    (tmp_path / "100% ours").mkdir()
    url = f"sqlite:///{tmp_path}/100% ours/palometa.db"
    migrate(url)
    assert open_store(url).snapshot().serial_no == 0


@pytest.mark.parametrize("way_in", [migrate, open_store])
def test_a_database_of_a_newer_palometa_is_refused(store: Store, url: str, way_in: object) -> None:
    set_version(store, "9999")
    with pytest.raises(StoreFailed, match=r"written by a newer palometa .*'9999'.* Nothing was changed"):
        way_in(url)  # type: ignore[operator]


def test_a_database_of_an_older_palometa_is_not_opened(store: Store, url: str) -> None:
    set_version(store, "0000")
    with pytest.raises(StoreFailed, match=r"older .* brings the database up to date"):
        open_store(url)


def test_a_migration_that_fails_leaves_no_half_made_tables(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/palometa.db"
    migrate(url)
    store = open_store(url)
    with store.database.writing() as connection:
        connection.exec_driver_sql("DELETE FROM alembic_version")
        for table in ("global_settings", "real_servers", "virtual_servers"):
            connection.exec_driver_sql(f"DROP TABLE {table}")
    with pytest.raises(StoreFailed, match="failover_blocks already exists"):
        migrate(url)
    with store.database.reading() as connection:
        tables = connection.exec_driver_sql("SELECT name FROM sqlite_master").scalars().all()
    assert "global_settings" not in tables


def set_version(store: Store, version: str) -> None:
    with store.database.writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = ?", (version,))
