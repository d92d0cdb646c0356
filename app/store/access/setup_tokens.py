"""The one-time link by which the first user is made; there is no default password."""

from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select

from app.store.access.tokens import new_token, token_hash
from app.store.access.users import User, Users, has_users, insert_user
from app.store.database.clock import SET_BACK, Clock, moment
from app.store.database.engine import Database
from app.store.database.failures import StoreBusy, StoreFailed
from app.store.tables.access import SetupTokenRecord

LIFETIME = timedelta(minutes=60)


class SetupRefused(Exception):
    """The first user is there already, or the link is wrong, used or too old; the message says what to do."""


class SetupTokens:
    """At most one token is valid at a time, and none once there is a user."""

    def __init__(self, database: Database, users: Users, now: Clock) -> None:
        self._database = database
        self._users = users
        self._now = now

    def issue(self) -> str:
        """Return a new token, valid for an hour; the one before is so no more. Raises SetupRefused."""
        token = new_token()
        with self._database.writing() as connection:
            if has_users(connection):
                raise SetupRefused(
                    "There is already a user, so no set-up link is issued. Sign in, or reset a forgotten password "
                    "with 'palometa passwd'."
                )
            connection.execute(delete(SetupTokenRecord))
            connection.execute(
                insert(SetupTokenRecord).values(token_hash=token_hash(token), issued_at=moment(self._now))
            )
        return token

    def is_valid(self, token: str) -> bool:
        """Return whether `token` would be taken now; one that is too old never is again."""
        at = moment(self._now)
        mine = SetupTokenRecord.token_hash == token_hash(token)
        with self._database.reading() as connection:
            if _is_valid(connection, token, at):
                return True
            is_known = connection.execute(select(SetupTokenRecord.issued_at).where(mine)).first() is not None
        if is_known:
            # Or it would be valid again once the clock is set back.
            with suppress(StoreBusy, StoreFailed), self._database.writing() as connection:
                connection.execute(delete(SetupTokenRecord).where(mine))
        return False

    def redeem(self, token: str, name: str, password: str) -> User:
        """Make the first user, once; raise SetupRefused, NameRefused, PasswordRefused, TooManyLogins."""
        if not self.is_valid(token):
            raise _refusal()
        password_hash = self._users.hash_of(name, password)
        at = moment(self._now)
        with self._database.writing() as connection:
            if not _is_valid(connection, token, at):
                raise _refusal()
            # The one whose deletion finds the row goes on: two at once are not both let in on any database.
            if not connection.execute(delete(SetupTokenRecord)).rowcount:
                raise _refusal()
            return insert_user(connection, name, password_hash, at)


def _is_valid(connection: Connection, token: str, at: datetime) -> bool:
    issued_at = connection.execute(
        select(SetupTokenRecord.issued_at).where(SetupTokenRecord.token_hash == token_hash(token))
    ).scalar_one_or_none()
    if issued_at is None or has_users(connection):
        return False
    # It was issued before the clock was set back, where that is still to come.
    return bool(issued_at <= at + SET_BACK and at < issued_at + LIFETIME)


def _refusal() -> SetupRefused:
    return SetupRefused(
        "This set-up link is not valid: it has been used, is older than an hour, or was replaced by a newer one. "
        "Restart palometa web for a new link, or sign in if the first password is set."
    )
