"""Who may sign in, and their passwords."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from app.store.access.passwords import PasswordHashes
from app.store.access.weak_passwords import refuse_weak
from app.store.database.clock import Clock, moment
from app.store.database.engine import Database
from app.store.tables.access import UserRecord

NAME_MAX = 64


class NameRefused(Exception):
    """A user name that is not taken, or not known; the message says which and why."""


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who may sign in."""

    id: int
    name: str


class Users:
    """The users. Passwords are hashed outside of transactions: it takes a tenth of a second."""

    def __init__(self, database: Database, hashes: PasswordHashes, now: Clock) -> None:
        self._database = database
        self._hashes = hashes
        self._now = now

    def is_empty(self) -> bool:
        """Return whether nobody can sign in yet."""
        with self._database.reading() as connection:
            return not has_users(connection)

    def create(self, name: str, password: str) -> User:
        """Add a user; raise NameRefused, PasswordRefused, TooManyLogins."""
        password_hash = self.hash_of(name, password)
        with self._database.writing() as connection:
            return insert_user(connection, name, password_hash, moment(self._now))

    def set_password(self, name: str, password: str) -> None:
        """Give a user another password; raise NameRefused where there is no such user, PasswordRefused.

        Their sessions stay open: `sessions.close_all` ends them.
        """
        refuse_weak(name, password)
        password_hash = self._hashes.make(password)
        with self._database.writing() as connection:
            changed = connection.execute(
                update(UserRecord)
                .where(UserRecord.folded == folded(name))
                .values(password_hash=password_hash, password_set_at=moment(self._now))
            )
            if not changed.rowcount:
                raise NameRefused(
                    f"There is no user '{name}'. Nothing was changed. Enter the name of an existing user."
                )

    def verify(self, name: str, password: str) -> User | None:
        """Return the user if the password is theirs; None otherwise, after the same work for unknown names."""
        with self._database.reading() as connection:
            row = connection.execute(
                select(UserRecord.id, UserRecord.name, UserRecord.password_hash).where(
                    UserRecord.folded == folded(name)
                )
            ).one_or_none()
        if not self._hashes.is_right(None if row is None else row.password_hash, password) or row is None:
            return None
        if self._hashes.is_outdated(row.password_hash):
            self._renew(row.id, row.password_hash, self._hashes.make(password))
        return User(row.id, row.name)

    def hash_of(self, name: str, password: str) -> str:
        """Return the hash to keep for a new user; raise NameRefused, PasswordRefused, TooManyLogins."""
        refuse_name(name)
        refuse_weak(name, password)
        return self._hashes.make(password)

    def _renew(self, user_id: int, old_hash: str, new_hash: str) -> None:
        with self._database.writing() as connection:
            connection.execute(
                update(UserRecord)
                .where(UserRecord.id == user_id, UserRecord.password_hash == old_hash)
                .values(password_hash=new_hash)
            )


def has_users(connection: Connection) -> bool:
    """Return whether there is a user."""
    return connection.execute(select(UserRecord.id).limit(1)).first() is not None


def insert_user(connection: Connection, name: str, password_hash: str, at: datetime) -> User:
    """Add a user; raise NameRefused where the name is taken."""
    values = {"name": name, "folded": folded(name), "password_hash": password_hash}
    try:
        user_id = connection.execute(
            insert(UserRecord).values(**values, created_at=at, password_set_at=at).returning(UserRecord.id)
        ).scalar_one()
    except IntegrityError:
        raise NameRefused(
            f"There is already a user '{name}' (names are not case-sensitive). Nothing "
            "was changed. Choose another name."
        ) from None
    return User(user_id, name)


def refuse_name(name: str) -> None:
    """Raise NameRefused for a name that a log or a page could not show as it is."""
    if not (1 <= len(name) <= NAME_MAX and name.isprintable() and name == name.strip()):
        raise NameRefused(
            f"The user name has {len(name)} characters, or begins or ends with a blank, or contains control "
            f"characters; 1 to {NAME_MAX} printable characters are accepted."
        )


def folded(name: str) -> str:
    """Return what makes two names the same: no regard to case and to ways of writing one letter.

    A name that is too long for anybody's is returned as it is: sorting the accents of one letter takes a time that
    grows with the square of their number.
    """
    if len(name) > NAME_MAX:
        return name
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
