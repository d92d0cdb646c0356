"""The store: one object that holds the configuration, its history, and who may change it."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from argon2 import PasswordHasher
from sqlalchemy import select

from app.store.access.api_tokens import ApiTokens
from app.store.access.attempts import Attempts
from app.store.access.passwords import PasswordHashes
from app.store.access.sessions import Sessions
from app.store.access.setup_tokens import SetupTokens
from app.store.access.sign_ins import SignIns
from app.store.access.users import Users
from app.store.config.edit import Edit
from app.store.config.loading import load, stored_serial
from app.store.config.snapshot import Gone, Snapshot
from app.store.database.clock import Clock, moment
from app.store.database.engine import BUSY_TIMEOUT_S, Database
from app.store.history.history import (
    AuditedChange,
    Revision,
    RevisionHead,
    read_audit,
    read_changes_since,
    read_revision,
    read_revisions,
    read_serials_beside,
)
from app.store.history.partners import Partners
from app.store.migration import refuse_other_schema
from app.store.tables.audit import ObjectKind
from app.store.tables.configuration import GlobalRecord


class Store:
    """The database, as the rest of the program knows it. One object serves all threads of a process.

    Every method raises StoreBusy and StoreFailed. Open it after forking, not before.
    """

    def __init__(self, database: Database, hasher: PasswordHasher, now: Clock = time.time) -> None:
        """Serve `database`, whose tables are up to date; `now` gives seconds since 1970."""
        self.database = database
        self._now = now
        self._known: Snapshot | None = None
        # Holds `_known` while it is brought up to date. Whoever waits for it holds no lock another needs.
        self._lock = threading.Lock()
        self.hashes = PasswordHashes(hasher)
        self.users = Users(database, self.hashes, now)
        self.sessions = Sessions(database, now)
        self.setup = SetupTokens(database, self.users, now)
        self.attempts = Attempts(database, now)
        self.sign_ins = SignIns(self.users, self.attempts, self.hashes)
        self.api_tokens = ApiTokens(database, now)
        self.partners = Partners(database, now)

    def snapshot(self) -> Snapshot:
        """Return the configuration as it is stored now; only what is new is read."""
        with self.database.reading() as connection:
            known = self._known
            if known is not None and known.serial_no == stored_serial(connection):
                return known
        with self._lock, self.database.reading() as connection:
            self._known = load(connection, self._known)
            return self._known

    @contextmanager
    def edit(self, author: str, remote: str | None = None) -> Iterator[Edit]:
        """Open an edit that nobody else's can overlap; leaving it unfinished, or by an exception, drops it.

        `author` is the user's name, `remote` the address they come from, None for this machine.
        """
        with self.database.writing() as connection:
            connection.execute(select(GlobalRecord.id).with_for_update())
            before = load(connection, self._known)
            edit = Edit(connection, before, author, remote, moment(self._now))
            # Only `finish` writes: an edit that is left without it has nothing to commit.
            yield edit
        if edit.finished is not None:
            self._learn(edit.finished)

    def changes_since(
        self, serial_no: int, kind: ObjectKind | Literal["globals", "virtual", "server"], object_id: int = 1
    ) -> list[AuditedChange]:
        """Return what was done to one object after that serial, oldest first; globals need no id."""
        with self.database.reading() as connection:
            return read_changes_since(
                connection, serial_no, ObjectKind(kind), 1 if kind == "globals" else object_id
            )

    def deletion_of(self, gone: Gone) -> AuditedChange | None:
        """Return the change that deleted the object; None: there never was such an object."""
        changes = self.changes_since(-1, gone.kind, gone.object_id)
        return changes[-1] if changes and changes[-1].is_deleted else None

    def revisions(self, limit: int = 50, before: int | None = None) -> list[RevisionHead]:
        """Return the latest revisions, newest first, older than the serial `before` if it is given."""
        with self.database.reading() as connection:
            return read_revisions(connection, limit, before)

    def revision(self, serial_no: int) -> Revision | None:
        """Return one revision with its lvs.cf; None: there is none of that serial."""
        with self.database.reading() as connection:
            return read_revision(connection, serial_no)

    def serials_beside(self, serial_no: int) -> tuple[int | None, int | None]:
        """Return the serials of the revisions before and after that one, None where there is none.

        They need not be the next numbers: of a partner's revisions only the last may have come.
        """
        with self.database.reading() as connection:
            return read_serials_beside(connection, serial_no)

    def audit(self, limit: int = 50, before: int | None = None) -> list[AuditedChange]:
        """Return the changes of the latest `limit` revisions, newest first, older than `before` if it is given."""
        with self.database.reading() as connection:
            return read_audit(connection, limit, before)

    def close(self) -> None:
        """Close the connections to the database."""
        self.database.close()

    def _learn(self, snapshot: Snapshot) -> None:
        with self._lock:
            if self._known is None or self._known.serial_no < snapshot.serial_no:
                self._known = snapshot


def open_store(
    url: str,
    *,
    now: Clock = time.time,
    hasher: PasswordHasher | None = None,
    busy_timeout_s: float = BUSY_TIMEOUT_S,
    is_checked: bool = False,
) -> Store:
    """Return the store at `url`; raise StoreFailed where its tables are not there (`migrate` makes them).

    `is_checked`: they were looked at before, and the database is first used when something is asked of it.
    """
    database = Database(url, busy_timeout_s=busy_timeout_s)
    if not is_checked:
        refuse_other_schema(database)
    return Store(database, hasher or PasswordHasher(), now)
