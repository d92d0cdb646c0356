"""What was: every configuration that was accepted, and who changed what in it."""

import hashlib
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, insert, select

from app.lvs.pair.lineage import RevisionId
from app.store.database.failures import StoreFailed
from app.store.tables.audit import ObjectKind, Signature
from app.store.tables.configuration import AuditRecord, RevisionRecord

COMPRESSION = 1
"""zlib's quickest: lvs.cf repeats itself so much that more work saves little."""

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class RevisionHead:
    """One accepted configuration, without it; `sha256` is that of its lvs.cf, in hexadecimal.

    `written` is that of lvs.cf as this router writes it, None: the same. `written_before` is that of the file that
    stood there until this router's own names of its interfaces became others.
    """

    serial_no: int
    at: datetime
    author: str
    summary: str
    sha256: str
    written: str | None = None
    written_before: str | None = None

    @property
    def version(self) -> RevisionId:
        """Its identity, the same on both routers."""
        return RevisionId(self.serial_no, self.sha256)


@dataclass(frozen=True, slots=True)
class Revision:
    """One accepted configuration; `data` is its lvs.cf."""

    serial_no: int
    at: datetime
    author: str
    summary: str
    sha256: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class AuditedChange:
    """What one ACCEPT did to one object.

    `summary` is that of the whole ACCEPT. `before` None: the object was added; `after` None: it was deleted.
    `position` is where it stood (for failover blocks `object_id` is that too); `remote` None: this machine.
    """

    serial_no: int
    at: datetime
    author: str
    remote: str | None
    summary: str
    kind: ObjectKind
    object_id: int
    position: int
    name: str
    before: Document | None = field(repr=False)
    after: Document | None = field(repr=False)

    @property
    def is_added(self) -> bool:
        """Whether the object was new."""
        return self.before is None

    @property
    def is_deleted(self) -> bool:
        """Whether the object went."""
        return self.after is None

    @property
    def fields(self) -> dict[str, tuple[Any, Any]]:
        """The settings that changed, in lvs.cf's words: the value before and after; None is absent."""
        before, after = self.before or {}, self.after or {}
        names = [*before, *(name for name in after if name not in before)]
        return {name: (before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name)}


def record_revision(
    connection: Connection, signature: Signature, summary: str, data: bytes, written: bytes | None = None
) -> RevisionId:
    """Keep `data`, the lvs.cf of that serial, which this router writes as `written`; return its identity."""
    sha256 = hashlib.sha256(data).hexdigest()
    connection.execute(
        insert(RevisionRecord).values(
            serial_no=signature.serial_no,
            at=signature.at,
            author=signature.author,
            summary=summary,
            sha256=sha256,
            data=zlib.compress(data, COMPRESSION),
            written_sha256=None if written is None else hashlib.sha256(written).hexdigest(),
        )
    )
    return RevisionId(signature.serial_no, sha256)


def read_revisions(connection: Connection, limit: int, before: int | None) -> list[RevisionHead]:
    """Return the latest `limit` revisions, newest first, older than serial `before` if it is given."""
    query = select(
        RevisionRecord.serial_no,
        RevisionRecord.at,
        RevisionRecord.author,
        RevisionRecord.summary,
        RevisionRecord.sha256,
        RevisionRecord.written_sha256,
        RevisionRecord.written_before,
    )
    if before is not None:
        query = query.where(RevisionRecord.serial_no < before)
    rows = connection.execute(query.order_by(RevisionRecord.serial_no.desc()).limit(limit))
    return [RevisionHead(*row) for row in rows]


def read_serials_beside(connection: Connection, serial_no: int) -> tuple[int | None, int | None]:
    """Return the serials before and after that one, None where there is none."""
    column = RevisionRecord.serial_no
    before = connection.execute(select(func.max(column)).where(column < serial_no)).scalar()
    after = connection.execute(select(func.min(column)).where(column > serial_no)).scalar()
    return before, after


def read_revision(connection: Connection, serial_no: int) -> Revision | None:
    """Return that revision; None: there is none. Raises StoreFailed when it was damaged on the disk."""
    row = connection.execute(
        select(
            RevisionRecord.at,
            RevisionRecord.author,
            RevisionRecord.summary,
            RevisionRecord.sha256,
            RevisionRecord.data,
        ).where(RevisionRecord.serial_no == serial_no)
    ).one_or_none()
    if row is None:
        return None
    try:
        data = zlib.decompress(row.data)
    except zlib.error:
        data = b""
    if hashlib.sha256(data).hexdigest() != row.sha256:
        raise StoreFailed(
            f"Revision {serial_no} in the database is damaged: its checksum does not match. Nothing was changed. "
            "Select another revision, or restore a backup of the database."
        )
    return Revision(serial_no, row.at, row.author, row.summary, row.sha256, data)


def read_changes_since(
    connection: Connection, serial_no: int, kind: ObjectKind, object_id: int
) -> list[AuditedChange]:
    """Return what was done to one object after that serial, oldest first."""
    chosen = _changes().where(
        AuditRecord.serial_no > serial_no, AuditRecord.kind == str(kind), AuditRecord.object_id == object_id
    )
    return _read(connection, chosen.order_by(AuditRecord.id))


def read_audit(connection: Connection, limit: int, before: int | None) -> list[AuditedChange]:
    """Return the changes of the latest `limit` revisions, newest first, older than serial `before` if given."""
    heads = read_revisions(connection, limit, before)
    serials = [head.serial_no for head in heads]
    chosen = _changes().where(AuditRecord.serial_no.in_(serials))
    return _read(connection, chosen.order_by(AuditRecord.serial_no.desc(), AuditRecord.id))


def _changes() -> Select[AuditRecord, str]:
    return select(AuditRecord, RevisionRecord.summary).join(
        RevisionRecord, RevisionRecord.serial_no == AuditRecord.serial_no, isouter=True
    )


def _read(connection: Connection, query: Select[AuditRecord, str]) -> list[AuditedChange]:
    rows: Sequence[Any] = connection.execute(query).all()
    return [
        AuditedChange(
            row.serial_no,
            row.at,
            row.author,
            row.remote,
            row.summary or "",
            ObjectKind(row.kind),
            row.object_id,
            row.position,
            row.name,
            row.before,
            row.after,
        )
        for row in rows
    ]
