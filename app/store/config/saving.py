"""Writing a draft: the rows that differ from what is stored, and their audit entries."""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, update

from app.lvs.model.config import Config, RealServer, VirtualServer
from app.store.config.documents import is_same_block, is_stored_alike, layout_of, settings_of
from app.store.config.snapshot import ServerRow, Snapshot, VirtualRow
from app.store.tables.audit import ObjectKind, Signature
from app.store.tables.configuration import AuditRecord, FailoverRecord, GlobalRecord, ServerRecord, VirtualRecord

GLOBAL_ID = 1
Values = dict[str, Any]


@dataclass(slots=True)
class _RowChanges:
    """What happens to the rows of one table; `moved` ones keep all but their position."""

    added: list[Values] = field(default_factory=list)
    changed: list[Values] = field(default_factory=list)
    moved: list[Values] = field(default_factory=list)
    deleted: list[Values] = field(default_factory=list)


class Saving:
    """Finds the difference between two snapshots and writes it into one transaction."""

    def __init__(self, before: Snapshot, after: Snapshot, signature: Signature) -> None:
        self._before = before
        self._after = after
        self._signature = signature
        self._virtual = _RowChanges()
        self._servers = _RowChanges()
        self._audit: list[Values] = []

    def write(self, connection: Connection, next_id: int) -> None:
        """Write what differs; `next_id` is the first id that is not given."""
        self._compare_virtual()
        self._write_globals(connection, next_id)
        _write(connection, ServerRecord, _RowChanges(deleted=self._servers.deleted))
        _write(connection, VirtualRecord, self._virtual)
        self._servers.deleted = []
        _write(connection, ServerRecord, self._servers)
        if self._audit:
            connection.execute(insert(AuditRecord), self._audit)

    def _write_globals(self, connection: Connection, next_id: int) -> None:
        before, after = self._before.config, self._after.config
        values: Values = {"serial_no": self._after.serial_no, "next_id": next_id}
        has_new_failover = not _is_same_failover(before, after)
        if not is_stored_alike(before, after) or has_new_failover:
            values |= {"settings": settings_of(after), "layout": layout_of(after)}
            values |= {
                "stored_serial": self._after.serial_no,
                "changed_serial": self._after.globals_changed_serial,
            }
        if not is_same_block(before, after):
            self._note(ObjectKind.GLOBALS, GLOBAL_ID, 0, "", before, after)
        connection.execute(update(GlobalRecord).where(GlobalRecord.id == GLOBAL_ID).values(values))
        if has_new_failover:
            self._write_failover(connection)

    def _write_failover(self, connection: Connection) -> None:
        before, after = self._before.config.failover, self._after.config.failover
        connection.execute(delete(FailoverRecord))
        if after:
            connection.execute(
                insert(FailoverRecord), [_failover_values(*numbered) for numbered in enumerate(after)]
            )
        for position in range(max(len(before), len(after))):
            old = before[position] if position < len(before) else None
            new = after[position] if position < len(after) else None
            if old != new:
                self._note(ObjectKind.FAILOVER, position, position, (new or old or before[0]).name, old, new)

    def _compare_virtual(self) -> None:
        waiting = {row.id: row for row in self._before.virtual}
        for row in self._after.virtual:
            old = waiting.pop(row.id, None)
            if row is not old:
                self._compare_row(old, row)
        for row in waiting.values():
            self._virtual.deleted.append({"row_id": row.id})
            self._note(ObjectKind.VIRTUAL, row.id, row.position, row.virtual.name, row.virtual, None)
            for server in row.servers:
                self._delete_server(server)

    def _compare_row(self, old: VirtualRow | None, new: VirtualRow) -> None:
        if old is None:
            self._virtual.added.append({"id": new.id, **self._values(new, new.virtual)})
        elif not is_stored_alike(old.virtual, new.virtual):
            self._virtual.changed.append({"row_id": new.id, **self._values(new, new.virtual)})
        elif old.position != new.position:
            self._virtual.moved.append(self._moved(new))
        if old is None or not is_same_block(old.virtual, new.virtual):
            was = old.virtual if old else None
            self._note(ObjectKind.VIRTUAL, new.id, new.position, new.virtual.name, was, new.virtual)
        waiting = {row.id: row for row in old.servers} if old else {}
        for server in new.servers:
            before = waiting.pop(server.id, None)
            if server is not before:
                self._compare_server(before, server)
        for server in waiting.values():
            self._delete_server(server)

    def _compare_server(self, old: ServerRow | None, new: ServerRow) -> None:
        if old is None:
            values = self._values(new, new.server)
            self._servers.added.append({"id": new.id, "virtual_id": new.virtual_id, **values})
        elif not is_stored_alike(old.server, new.server):
            self._servers.changed.append({"row_id": new.id, **self._values(new, new.server)})
        elif old.position != new.position:
            self._servers.moved.append(self._moved(new))
        if old is None or not is_same_block(old.server, new.server):
            before = old.server if old else None
            self._note(ObjectKind.SERVER, new.id, new.position, new.server.name, before, new.server)

    def _delete_server(self, row: ServerRow) -> None:
        self._servers.deleted.append({"row_id": row.id})
        self._note(ObjectKind.SERVER, row.id, row.position, row.server.name, row.server, None)

    def _values(self, row: VirtualRow | ServerRow, block: VirtualServer | RealServer) -> Values:
        return {
            "position": row.position,
            "name": block.name,
            "changed_serial": row.changed_serial,
            "stored_serial": self._after.serial_no,
            "settings": settings_of(block),
            "layout": layout_of(block),
        }

    def _moved(self, row: VirtualRow | ServerRow) -> Values:
        return {"row_id": row.id, "position": row.position, "stored_serial": self._after.serial_no}

    def _note(
        self,
        kind: ObjectKind,
        object_id: int,
        position: int,
        name: str,
        before: Config | VirtualServer | RealServer | None,
        after: Config | VirtualServer | RealServer | None,
    ) -> None:
        self._audit.append(
            {
                "serial_no": self._signature.serial_no,
                "at": self._signature.at,
                "author": self._signature.author,
                "remote": self._signature.remote,
                "kind": str(kind),
                "object_id": object_id,
                "position": position,
                "name": name,
                "before": None if before is None else settings_of(before),
                "after": None if after is None else settings_of(after),
            }
        )


def _write(connection: Connection, table: type[VirtualRecord] | type[ServerRecord], rows: _RowChanges) -> None:
    chosen = table.__table__.c.id == bindparam("row_id")
    if rows.deleted:
        connection.execute(delete(table).where(chosen), rows.deleted)
    if rows.added:
        connection.execute(insert(table), rows.added)
    for values in (rows.changed, rows.moved):
        if values:
            connection.execute(update(table).where(chosen), values)


def _failover_values(position: int, block: VirtualServer) -> Values:
    servers = [{"settings": settings_of(server), "layout": layout_of(server)} for server in block.server]
    return {
        "position": position,
        "name": block.name,
        "settings": settings_of(block),
        "layout": layout_of(block),
        "servers": servers,
    }


def _is_same_failover(before: Config, after: Config) -> bool:
    if before.failover is after.failover:
        return True
    return [_failover_values(*numbered) for numbered in enumerate(before.failover)] == [
        _failover_values(*numbered) for numbered in enumerate(after.failover)
    ]
