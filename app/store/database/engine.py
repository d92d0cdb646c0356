"""The engine: how connections are made and how transactions begin. The only place with SQLite's own words."""

import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.pool import ConnectionPoolEntry

from app.store.database.failures import SENTENCES, StoreFailed, explained

BUSY_TIMEOUT_S = 5.0
WRITES = "palometa_writes"


class Database:
    """Gives transactions: reading ones see one state throughout, writing ones come one after another."""

    def __init__(self, url: str, *, busy_timeout_s: float = BUSY_TIMEOUT_S) -> None:
        """Prepare `url`, SQLAlchemy's way of naming a database; the first transaction connects.

        A writing transaction waits `busy_timeout_s` seconds for another one, then StoreBusy is raised.
        """
        parsed = _parsed(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        self.place = (parsed.database or "") if self.is_sqlite else parsed.render_as_string(hide_password=True)
        if self.is_sqlite:
            _make_private(self.place)
        engine = _engine(parsed, busy_timeout_s)
        self._writer = engine.execution_options(**{WRITES: True})
        self._reader = engine if self.is_sqlite else engine.execution_options(isolation_level="REPEATABLE READ")

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a transaction that reads."""
        with explained(self.place, is_reading=True), self._reader.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Open a transaction that writes; it is committed at the end, or rolled back by an exception."""
        with explained(self.place), self._writer.connect() as connection, connection.begin():
            yield connection

    def close(self) -> None:
        """Close the connections that are not in use."""
        self._writer.dispose()


def sqlite_file(url: str) -> Path | None:
    """Return the file of the SQLite database `url`, None for another kind; raise StoreFailed."""
    parsed = _parsed(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        return None
    return Path(parsed.database)


def _parsed(url: str) -> URL:
    try:
        return make_url(url)
    except ArgumentError as error:
        raise StoreFailed(
            "PALOMETA_DATABASE_URL cannot be parsed. It must be an SQLAlchemy URL: "
            "sqlite:////var/lib/palometa/palometa.db or postgresql+psycopg://USER:PASSWORD@HOST/DATABASE."
        ) from error


def _engine(url: URL, busy_timeout_s: float) -> Engine:
    milliseconds = int(busy_timeout_s * 1000)
    arguments: dict[str, object] = {}
    if url.get_backend_name() == "postgresql":
        arguments["options"] = f"-c lock_timeout={milliseconds}"
    try:
        engine = create_engine(url, connect_args=arguments, pool_pre_ping=url.get_backend_name() != "sqlite")
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        raise StoreFailed(
            f"The driver that PALOMETA_DATABASE_URL requires ({url.drivername}) is not installed: {error}. "
            "Install it into palometa's virtual environment, or use SQLite."
        ) from error
    if url.get_backend_name() == "sqlite":
        _set_up_sqlite(engine, milliseconds)
    return engine


def _set_up_sqlite(engine: Engine, busy_timeout_ms: int) -> None:
    def connected(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
        # The driver's own BEGIN comes late and is a deferred one: a transaction that reads and then writes
        # would meet a locked database half-way. None leaves BEGIN to the listener below.
        connection.isolation_level = None
        for pragma in (
            f"busy_timeout = {busy_timeout_ms}",
            "journal_mode = WAL",
            "synchronous = FULL",
            "foreign_keys = ON",
        ):
            connection.execute(f"PRAGMA {pragma}").close()

    def begun(connection: Connection) -> None:
        writes = connection.get_execution_options().get(WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", begun)


def _require_file(path: Path) -> None:
    """Raise StoreFailed for a pipe or a directory: SQLite would wait for the one for ever."""
    # What cannot be looked at is SQLite's to report.
    with suppress(OSError):
        if not stat.S_ISREG(path.stat().st_mode):
            raise StoreFailed(SENTENCES["SQLITE_CANTOPEN"].format(place=path))


def _make_private(path: str) -> None:
    """Make an empty database file that only its owner reads; SQLite gives its companions the same mode."""
    if not path or path == ":memory:" or path.startswith("file:"):
        raise StoreFailed(
            "PALOMETA_DATABASE_URL names no file. For SQLite, write sqlite:// and the path: "
            "sqlite:////var/lib/palometa/palometa.db."
        )
    _require_file(Path(path))
    # A directory that is missing or closed is SQLite's to report, at the first transaction.
    with suppress(OSError):
        descriptor = os.open(Path(path), os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            # Made by root (`palometa passwd`), it still has to be the file of those whose directory it is in.
            directory = Path(path).parent.stat()
            os.fchown(descriptor, directory.st_uid, directory.st_gid)
        finally:
            os.close(descriptor)
