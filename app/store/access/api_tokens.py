"""The tokens by which programs use the API: a name, a scope and an end each; of the token itself only the hash."""

import enum
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from app.store.access.tokens import new_token, token_hash
from app.store.access.users import NAME_MAX, folded
from app.store.database.clock import SET_BACK, Clock, moment
from app.store.database.engine import Database
from app.store.database.failures import StoreBusy, StoreFailed
from app.store.tables.access import ApiTokenRecord

PREFIX = "palometa_"
"""What a token begins with, so that one that got into a log or a repository is recognised."""
TOKENS_MAX = 500
USED_STEP = timedelta(minutes=1)
"""How exactly the last use is kept: writing it with every request would cost a disk write each."""


class Scope(enum.StrEnum):
    """What a token is good for; each scope holds those before it."""

    READ = "read"
    OPERATE = "operate"
    ADMIN = "admin"

    def covers(self, needed: "Scope") -> bool:
        """Return whether a token of this scope may do what needs `needed`."""
        order = list(Scope)
        return order.index(self) >= order.index(needed)


class TokenRefused(Exception):
    """A token that cannot be made; the message says why."""


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A token as it is kept. `expires_at` None: it does not end. `used_at` is exact to a minute, None: never.

    One that was refused once as expired has `made_at` as its end from then on.
    """

    id: int
    name: str
    scope: Scope
    made_by: str
    made_at: datetime
    expires_at: datetime | None
    used_at: datetime | None
    used_from: str | None
    has_expired: bool


class ApiTokens:
    """The tokens that were made and not revoked."""

    def __init__(self, database: Database, now: Clock) -> None:
        self._database = database
        self._now = now

    def make(self, name: str, scope: Scope, lifetime: timedelta | None, made_by: str) -> str:
        """Make a token, good for `lifetime` (None: until it is revoked); return it: it is kept nowhere.

        Raises TokenRefused for a name that another one has, or that a log could not show.
        """
        _refuse_name(name)
        token, at = PREFIX + new_token(), moment(self._now)
        values = {
            "token_hash": token_hash(token),
            "name": name,
            "folded": folded(name),
            "scope": str(scope),
            "made_by": made_by,
            "made_at": at,
            "expires_at": None if lifetime is None else at + lifetime,
        }
        try:
            with self._database.writing() as connection:
                if len(connection.execute(select(ApiTokenRecord.id).limit(TOKENS_MAX)).all()) >= TOKENS_MAX:
                    raise TokenRefused(f"There are already {TOKENS_MAX} tokens. Revoke unused tokens first.")
                connection.execute(insert(ApiTokenRecord).values(values))
        except IntegrityError:
            raise _taken(name) from None
        return token

    def all(self) -> list[ApiToken]:
        """Return every token, in the order of their names; those that have expired are among them."""
        with self._database.reading() as connection:
            rows = connection.execute(_COLUMNS.order_by(ApiTokenRecord.folded)).all()
        return [self._token(row) for row in rows]

    def find(self, token: str) -> ApiToken | None:
        """Return what is known of a token, expired or not; None: it is unknown or revoked."""
        with self._database.reading() as connection:
            row = connection.execute(_COLUMNS.where(ApiTokenRecord.token_hash == token_hash(token))).one_or_none()
        if row is None:
            return None
        found = self._token(row)
        # A busy or full database must not keep anybody from looking.
        with suppress(StoreBusy, StoreFailed):
            self._hold_to_its_lifetime(found)
        return found

    def use(self, token: ApiToken, remote: str) -> None:
        """Note that `token` was used from the address `remote`."""
        at = moment(self._now)
        if token.used_at is not None and abs(at - token.used_at) < USED_STEP and token.used_from == remote:
            return
        # A busy or full database must not keep anybody from looking.
        with suppress(StoreBusy, StoreFailed), self._database.writing() as connection:
            connection.execute(
                update(ApiTokenRecord).where(ApiTokenRecord.id == token.id).values(used_at=at, used_from=remote)
            )

    def revoke(self, token_id: int) -> str | None:
        """Revoke a token; return its name, or None if there is none."""
        with self._database.writing() as connection:
            return connection.execute(
                delete(ApiTokenRecord).where(ApiTokenRecord.id == token_id).returning(ApiTokenRecord.name)
            ).scalar_one_or_none()

    def _hold_to_its_lifetime(self, token: ApiToken) -> None:
        """Let one that has expired never be valid again, and none last longer because the clock was set back."""
        if token.expires_at is None or token.expires_at <= token.made_at:
            return
        at = moment(self._now)
        if token.has_expired:
            values = {"expires_at": token.made_at}
        elif token.made_at > at + SET_BACK:
            # Made at a time still to come: its lifetime begins now.
            values = {"made_at": at, "expires_at": at + (token.expires_at - token.made_at)}
        else:
            return
        with self._database.writing() as connection:
            connection.execute(update(ApiTokenRecord).where(ApiTokenRecord.id == token.id).values(values))

    def _token(self, row: Any) -> ApiToken:
        has_expired = row.expires_at is not None and row.expires_at <= max(moment(self._now), row.made_at)
        return ApiToken(
            row.id,
            row.name,
            Scope(row.scope),
            row.made_by,
            row.made_at,
            row.expires_at,
            row.used_at,
            row.used_from,
            has_expired,
        )


_COLUMNS = select(
    ApiTokenRecord.id,
    ApiTokenRecord.name,
    ApiTokenRecord.scope,
    ApiTokenRecord.made_by,
    ApiTokenRecord.made_at,
    ApiTokenRecord.expires_at,
    ApiTokenRecord.used_at,
    ApiTokenRecord.used_from,
)


def _refuse_name(name: str) -> None:
    if not (1 <= len(name) <= NAME_MAX and name.isprintable() and name == name.strip()):
        raise TokenRefused(
            f"The name of the token has {len(name)} characters, or begins or ends with a blank, or contains "
            f"control characters; 1 to {NAME_MAX} printable characters are accepted."
        )


def _taken(name: str) -> TokenRefused:
    return TokenRefused(
        f"There is already a token '{name}' (names are not case-sensitive). No token was created. Choose another "
        "name, or revoke that token first."
    )
