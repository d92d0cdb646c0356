"""The tables of the configuration and its history, as SQLAlchemy models.

Settings are kept as documents in lvs.cf's own words, so that a new keyword needs no migration. `changed_serial`
is the serial at which the settings last changed, for telling two editors apart; `stored_serial` that at which
anything of the row did, its place included, for loading only what is new.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, Dialect, ForeignKey, Index, LargeBinary, String, Text, TypeDecorator
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

SCHEMA = "0004"
"""The migration that makes the tables as they are declared here; later ones sort behind it."""

Settings = dict[str, Any]


class UtcDateTime(TypeDecorator[datetime]):
    """A point in time, aware of its zone; kept in UTC, as SQLite knows no zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Record(DeclarativeBase):
    """A row of a table of ours."""

    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy's own way of declaring it
        Settings: JSON(none_as_null=True),
        list[Settings]: JSON(),
        datetime: UtcDateTime(),
    }


class GlobalRecord(Record):
    """The one row (id 1) of what stands outside every block; edits lock it, so they come one by one.

    `next_id` is the id the next virtual or real server gets: none is ever given twice.
    """

    __tablename__ = "global_settings"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    serial_no: Mapped[int]
    next_id: Mapped[int]
    changed_serial: Mapped[int]
    stored_serial: Mapped[int]
    settings: Mapped[Settings]
    layout: Mapped[Any] = mapped_column(JSON(none_as_null=True), nullable=True)


class VirtualRecord(Record):
    __tablename__ = "virtual_servers"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[int]
    name: Mapped[str] = mapped_column(Text)
    changed_serial: Mapped[int]
    stored_serial: Mapped[int] = mapped_column(index=True)
    settings: Mapped[Settings]
    layout: Mapped[Any] = mapped_column(JSON(none_as_null=True), nullable=True)


class ServerRecord(Record):
    __tablename__ = "real_servers"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    virtual_id: Mapped[int] = mapped_column(ForeignKey("virtual_servers.id"), index=True)
    position: Mapped[int]
    name: Mapped[str] = mapped_column(Text)
    changed_serial: Mapped[int]
    stored_serial: Mapped[int] = mapped_column(index=True)
    settings: Mapped[Settings]
    layout: Mapped[Any] = mapped_column(JSON(none_as_null=True), nullable=True)


class FailoverRecord(Record):
    """A block of Piranha's abandoned failover services, kept whole: `servers` are its server blocks."""

    __tablename__ = "failover_blocks"

    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(Text)
    settings: Mapped[Settings]
    layout: Mapped[Any] = mapped_column(JSON(none_as_null=True), nullable=True)
    servers: Mapped[list[Settings]]


class RevisionRecord(Record):
    """One ACCEPT: `data` is lvs.cf as both routers share it, compressed by zlib; `sha256` is of the plain bytes.

    `written_sha256` is of the file as it is written on this router, None: the same; `written_before` of the one
    that stood there until this router's own names of its interfaces became others.
    """

    __tablename__ = "revisions"

    serial_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    author: Mapped[str] = mapped_column(Text)
    summary: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))
    data: Mapped[bytes] = mapped_column(LargeBinary)
    written_sha256: Mapped[str | None] = mapped_column(String(64))
    written_before: Mapped[str | None] = mapped_column(String(64))


class AuditRecord(Record):
    """What one ACCEPT did to one object; `before` is None for an added one, `after` for a deleted one."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(primary_key=True)
    serial_no: Mapped[int] = mapped_column(index=True)
    at: Mapped[datetime]
    author: Mapped[str] = mapped_column(Text)
    remote: Mapped[str | None] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(String(16))
    object_id: Mapped[int]
    position: Mapped[int]
    name: Mapped[str] = mapped_column(Text)
    before: Mapped[Settings | None]
    after: Mapped[Settings | None]

    __table_args__ = (Index("ix_audit_kind_object_id", "kind", "object_id"),)
