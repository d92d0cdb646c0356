"""The tables of who may come in, as SQLAlchemy models. Tokens are kept as their SHA-256 only."""

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.store.tables.configuration import Record


class UserRecord(Record):
    """`folded` is the name without regard to case: two users may not differ by that alone."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    folded: Mapped[str] = mapped_column(Text, unique=True)
    password_hash: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    password_set_at: Mapped[datetime]

    # An id that comes back would hand an old session to a new user.
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012 - SQLAlchemy's own way of declaring it


class SessionRecord(Record):
    __tablename__ = "sessions"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    remote: Mapped[str] = mapped_column(Text)
    opened_at: Mapped[datetime]
    seen_at: Mapped[datetime]


class SetupTokenRecord(Record):
    __tablename__ = "setup_tokens"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    issued_at: Mapped[datetime]


class AttemptRecord(Record):
    """One sign-in that was tried. The name is hashed: people type passwords into the field of the name.

    `browser` is the hash of what the browser held, `standing` what was known of it (`Standing`).
    """

    __tablename__ = "login_attempts"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    name_hash: Mapped[str] = mapped_column(String(64), index=True)
    remote: Mapped[str] = mapped_column(Text, index=True)
    browser: Mapped[str | None] = mapped_column(String(64))
    standing: Mapped[str] = mapped_column(String(16), server_default="stranger")
    has_succeeded: Mapped[bool] = mapped_column(Boolean)


class ApiTokenRecord(Record):
    """What a program shows instead of a sign-in. `folded` is the name without regard to case."""

    __tablename__ = "api_tokens"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(Text)
    folded: Mapped[str] = mapped_column(Text, unique=True)
    scope: Mapped[str] = mapped_column(String(16))
    made_by: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]
    used_from: Mapped[str | None] = mapped_column(Text)

    # A form that is still open must not revoke a newer token that got an old one's id.
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012 - SQLAlchemy's own way of declaring it
