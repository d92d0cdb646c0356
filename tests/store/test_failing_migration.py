"""A migration fails at any of its statements: the database is as before, and migrates once the cause is gone."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import event
from sqlalchemy.engine import Engine

from app.store import StoreFailed, migrate, open_store
from app.store.database.engine import Database
from app.store.migration import alembic_config

FIRST = "0001"
"""The oldest schema there is."""
NEVER = -1


@contextmanager
def failing(at: int) -> Iterator[list[str]]:
    """Have the statement of that number fail, as on a disk that is full; the ones before are in the list."""
    done: list[str] = []

    def fail(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if len(done) == at:
            raise sqlite3.OperationalError("database or disk is full")
        done.append(statement)

    event.listen(Engine, "before_cursor_execute", fail)
    try:
        yield done
    finally:
        event.remove(Engine, "before_cursor_execute", fail)


def contents(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


@pytest.fixture(params=["of the first version", "that is new"])
def before(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A database that is not up to date."""
    path = tmp_path / "before.db"
    database = Database(f"sqlite:///{path}")
    with database.writing() as connection:
        if request.param == "of the first version":
            config = alembic_config()
            config.attributes["connection"] = connection
            command.upgrade(config, FIRST)
            connection.exec_driver_sql(
                "INSERT INTO users (name, folded, password_hash, created_at, password_set_at) "
                "VALUES ('anna', 'anna', 'x', '2026-01-01 00:00:00', '2026-01-01 00:00:00')"
            )
    database.close()
    return path


def test_it_is_as_before_wherever_a_migration_fails(before: Path, tmp_path: Path) -> None:
    as_before, path = contents(before), tmp_path / "palometa.db"
    url = f"sqlite:///{path}"
    shutil.copy(before, path)
    with failing(NEVER) as statements:
        migrate(url)
    for at in range(len(statements)):
        shutil.copy(before, path)
        with failing(at), pytest.raises(StoreFailed, match="disk is full"):
            migrate(url)
        assert contents(path) == as_before, statements[at]
    migrate(url)
    open_store(url).close()
