"""Reading the configuration: whole at first, then only the rows that are newer than what is already known."""

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, select

from app.lvs.model.config import Config, VirtualServer
from app.lvs.model.keyword import BlockKind
from app.store.config.documents import globals_from, is_stored_alike, server_from, virtual_from
from app.store.config.snapshot import ServerRow, Snapshot, VirtualRow
from app.store.tables.audit import ObjectKind
from app.store.tables.configuration import AuditRecord, FailoverRecord, GlobalRecord, ServerRecord, VirtualRecord

NOTHING_KNOWN = Snapshot(serial_no=-1, config=Config(), virtual=(), globals_changed_serial=-1)


@dataclass(frozen=True, slots=True)
class _ChangedRows:
    """What was stored since a snapshot: virtual servers without their real ones, by id; who is gone."""

    virtual: dict[int, VirtualRow]
    servers: dict[int, dict[int, ServerRow]]
    gone_virtual: frozenset[int]
    gone_servers: frozenset[int]


def stored_serial(connection: Connection) -> int:
    """Return the serial of the configuration that is stored."""
    return connection.execute(select(GlobalRecord.serial_no)).scalar_one()


def load(connection: Connection, known: Snapshot | None) -> Snapshot:
    """Return the configuration as stored; what is unchanged since `known` is the same objects as there.

    A `known` from the future (the database was put back from a backup) is of no use and is not used.
    """
    serial_no = stored_serial(connection)
    if known is None or known.serial_no > serial_no:
        known = NOTHING_KNOWN
    if known.serial_no == serial_no:
        return known
    config, changed_serial = _globals(connection, known)
    rows = _merged(known, _news(connection, known.serial_no))
    config = replace(config, serial_no=serial_no, virtual=tuple(row.virtual for row in rows))
    return Snapshot(serial_no, config, rows, changed_serial)


def _globals(connection: Connection, known: Snapshot) -> tuple[Config, int]:
    query = select(GlobalRecord.settings, GlobalRecord.layout, GlobalRecord.changed_serial)
    row = connection.execute(query.where(GlobalRecord.stored_serial > known.serial_no)).one_or_none()
    if row is None:
        return known.config, known.globals_changed_serial
    failover = tuple(
        _failover(block.settings, block.layout, block.servers)
        for block in connection.execute(
            select(FailoverRecord.settings, FailoverRecord.layout, FailoverRecord.servers).order_by(
                FailoverRecord.position
            )
        )
    )
    return replace(globals_from(row.settings, row.layout), failover=failover), row.changed_serial


def _failover(settings: dict[str, Any], layout: Any, servers: list[dict[str, Any]]) -> VirtualServer:
    block = virtual_from(settings, layout, BlockKind.FAILOVER)
    return replace(block, server=tuple(server_from(server["settings"], server["layout"]) for server in servers))


def _news(connection: Connection, serial_no: int) -> _ChangedRows:
    virtual = {
        row.id: VirtualRow(row.id, row.changed_serial, row.position, virtual_from(row.settings, row.layout), ())
        for row in connection.execute(
            select(
                VirtualRecord.id,
                VirtualRecord.changed_serial,
                VirtualRecord.position,
                VirtualRecord.settings,
                VirtualRecord.layout,
            ).where(VirtualRecord.stored_serial > serial_no)
        )
    }
    servers: dict[int, dict[int, ServerRow]] = {}
    for row in connection.execute(
        select(
            ServerRecord.id,
            ServerRecord.changed_serial,
            ServerRecord.virtual_id,
            ServerRecord.position,
            ServerRecord.settings,
            ServerRecord.layout,
        ).where(ServerRecord.stored_serial > serial_no)
    ):
        server = server_from(row.settings, row.layout)
        kept = ServerRow(row.id, row.changed_serial, row.virtual_id, row.position, server)
        servers.setdefault(row.virtual_id, {})[row.id] = kept
    return _ChangedRows(virtual, servers, *_gone(connection, serial_no))


def _gone(connection: Connection, serial_no: int) -> tuple[frozenset[int], frozenset[int]]:
    if serial_no < 0:
        return frozenset(), frozenset()
    deleted = connection.execute(
        select(AuditRecord.kind, AuditRecord.object_id).where(
            AuditRecord.serial_no > serial_no, AuditRecord.after.is_(None)
        )
    ).all()
    return (
        frozenset(row.object_id for row in deleted if row.kind == ObjectKind.VIRTUAL),
        frozenset(row.object_id for row in deleted if row.kind == ObjectKind.SERVER),
    )


def _merged(known: Snapshot, news: _ChangedRows) -> tuple[VirtualRow, ...]:
    waiting = dict(news.virtual)
    rows = [_row(row, waiting.pop(row.id, row), news) for row in known.virtual if row.id not in news.gone_virtual]
    rows.extend(_row(None, row, news) for row in waiting.values())
    return tuple(sorted(rows, key=lambda row: row.position))


def _row(old: VirtualRow | None, new: VirtualRow, news: _ChangedRows) -> VirtualRow:
    """Return the row `new` says, with its real servers, keeping of `old` what is the same."""
    servers = _servers(old.servers if old else (), news.servers.get(new.id, {}), news.gone_servers)
    if old is not None and new is old and servers is old.servers:
        return old
    virtual = old.virtual if old is not None and is_stored_alike(old.virtual, new.virtual) else new.virtual
    if old is None or virtual is not old.virtual or servers is not old.servers:
        virtual = replace(virtual, server=tuple(row.server for row in servers))
    return replace(new, virtual=virtual, servers=servers)


def _servers(old: tuple[ServerRow, ...], new: dict[int, ServerRow], gone: frozenset[int]) -> tuple[ServerRow, ...]:
    if not new and not (gone and any(row.id in gone for row in old)):
        return old
    waiting = dict(new)
    rows = [_shared(row, waiting.pop(row.id, row)) for row in old if row.id not in gone]
    rows.extend(waiting.values())
    return tuple(sorted(rows, key=lambda row: row.position))


def _shared(old: ServerRow, new: ServerRow) -> ServerRow:
    if new is old:
        return old
    return replace(new, server=old.server) if is_stored_alike(old.server, new.server) else new
