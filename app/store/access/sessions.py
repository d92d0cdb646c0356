"""Who is signed in: a random token in the browser, its hash and its times in the database."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.sql import ColumnElement

from app.store.access.tokens import new_token, token_hash
from app.store.access.users import User
from app.store.database.clock import SET_BACK, Clock, moment
from app.store.database.engine import Database
from app.store.database.failures import StoreBusy, StoreFailed
from app.store.tables.access import SessionRecord, UserRecord

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=12)
SEEN_STEP = timedelta(minutes=1)
"""How exactly the last use is kept: writing it with every request would cost a disk write each."""


@dataclass(frozen=True, slots=True)
class Session:
    """A sign-in that is valid. `seen_at` is exact to a minute."""

    user: User
    remote: str
    opened_at: datetime
    seen_at: datetime


class Sessions:
    """The sign-ins; each ends after 30 minutes without use and after 12 hours in all.

    One that is over stays so when the clock is set back, and one that was used at a time still to come is over.
    """

    def __init__(self, database: Database, now: Clock) -> None:
        self._database = database
        self._now = now

    def open(self, user: User, remote: str) -> str:
        """Sign `user` in from the address `remote`; return the token, which is kept nowhere."""
        token, at = new_token(), moment(self._now)
        with self._database.writing() as connection:
            connection.execute(delete(SessionRecord).where(_is_over(at)))
            connection.execute(
                insert(SessionRecord).values(
                    token_hash=token_hash(token), user_id=user.id, remote=remote, opened_at=at, seen_at=at
                )
            )
        return token

    def user_of(self, token: str, *, is_use: bool = True) -> Session | None:
        """Return the session of a token; None: it is unknown, closed or over.

        `is_use` False: the request is none of a person (a page that refreshes itself), and keeps nothing open.
        """
        at = moment(self._now)
        with self._database.reading() as connection:
            row = connection.execute(
                select(
                    UserRecord.id,
                    UserRecord.name,
                    SessionRecord.remote,
                    SessionRecord.opened_at,
                    SessionRecord.seen_at,
                    _is_over(at).label("is_over"),
                )
                .join(UserRecord, UserRecord.id == SessionRecord.user_id)
                .where(SessionRecord.token_hash == token_hash(token))
            ).one_or_none()
        if row is None:
            return None
        if row.is_over:
            # Or it would be valid again once the clock is set back.
            with suppress(StoreBusy, StoreFailed):
                self.close(token)
            return None
        seen_at = row.seen_at
        if is_use and at - seen_at >= SEEN_STEP:
            seen_at = at
            # A busy or full database must not keep anybody from looking at the pages.
            with suppress(StoreBusy, StoreFailed):
                self._see(token, at)
        return Session(User(row.id, row.name), row.remote, row.opened_at, seen_at)

    def close(self, token: str) -> None:
        """Sign out."""
        with self._database.writing() as connection:
            connection.execute(delete(SessionRecord).where(SessionRecord.token_hash == token_hash(token)))

    def close_all(self, user_id: int, but: str | None = None) -> None:
        """Sign a user out everywhere, except where the token `but` is held."""
        chosen = delete(SessionRecord).where(SessionRecord.user_id == user_id)
        if but is not None:
            chosen = chosen.where(SessionRecord.token_hash != token_hash(but))
        with self._database.writing() as connection:
            connection.execute(chosen)

    def _see(self, token: str, at: datetime) -> None:
        with self._database.writing() as connection:
            connection.execute(
                update(SessionRecord).where(SessionRecord.token_hash == token_hash(token)).values(seen_at=at)
            )


def _is_over(at: datetime) -> ColumnElement[bool]:
    return or_(
        SessionRecord.opened_at <= at - ABSOLUTE,
        SessionRecord.seen_at <= at - IDLE,
        SessionRecord.seen_at > at + SET_BACK,
    )
