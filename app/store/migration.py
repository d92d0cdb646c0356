"""Bringing the database's tables up to date, and refusing one that is not."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import String, column, select, table

from app.store.database.engine import Database
from app.store.database.failures import StoreFailed
from app.store.tables.configuration import SCHEMA

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"


def migrate(url: str) -> None:
    """Make the tables, or bring them up to date, in one transaction; raise StoreBusy or StoreFailed.

    A database that a newer palometa has written is refused.
    """
    database = Database(url)
    try:
        with database.writing() as connection:
            config = alembic_config()
            known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
            found = MigrationContext.configure(connection).get_current_revision()
            if found is not None and found not in known:
                raise StoreFailed(_newer(database.place, found))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        database.close()


def refuse_other_schema(database: Database) -> None:
    """Raise StoreFailed where the tables are not the ones this palometa works with."""
    with database.reading() as connection:
        query = select(column("version_num", String)).select_from(table("alembic_version"))
        found = connection.execute(query).scalar_one()
    if found > SCHEMA:
        raise StoreFailed(_newer(database.place, found))
    if found != SCHEMA:
        raise StoreFailed(
            f"The schema of the database {database.place} ('{found}') is older than this palometa requires "
            f"('{SCHEMA}'). Stop palometa and start it with 'make run', which brings the database up to date."
        )


def alembic_config() -> Config:
    """Return what Alembic needs to know; migrations/env.py takes the connection from its attributes."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _newer(place: str, found: str) -> str:
    return (
        f"The database {place} was written by a newer palometa (its schema is '{found}', this version supports "
        f"'{SCHEMA}'). Nothing was changed. Install the newer version again, or restore a backup "
        "from before the upgrade."
    )
