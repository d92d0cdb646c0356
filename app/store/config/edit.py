"""One edit of the configuration: an open transaction, the verbs that change the draft, and the end of both."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, select

from app.lvs.model.config import Config, RealServer, VirtualServer
from app.lvs.pair.interface_names import DeviceNames
from app.lvs.pair.lineage import LineageLink, RevisionId
from app.store.config.documents import Block, is_same_block
from app.store.config.matching import matched
from app.store.config.saving import Saving
from app.store.config.snapshot import ServerRow, Snapshot, VirtualRow
from app.store.history.history import AuditedChange, read_changes_since, record_revision
from app.store.history.interface_names import read_device_names
from app.store.history.lineage import read_descent, read_head, record_links
from app.store.tables.audit import ObjectKind, Signature
from app.store.tables.configuration import GlobalRecord


class Draft:
    """Starts as `before`, and becomes what the verbs make of it; rows they do not touch stay the same objects.

    `next_id` is the first id that was never given. Verbs raise KeyError with the id when an object is not there.
    """

    def __init__(self, before: Snapshot, next_id: int) -> None:
        self.before = before
        self.serial_no = before.serial_no + 1
        self.next_id = next_id
        self._globals = before.config
        self._globals_changed_serial = before.globals_changed_serial
        self._rows = list(before.virtual)

    def skip_to(self, serial_no: int) -> None:
        """Become revision `serial_no` instead of the next one; before any other verb."""
        if serial_no < self.serial_no:
            raise ValueError(f"{serial_no} is not above the previous serial {self.before.serial_no}")
        self.serial_no = serial_no

    def config(self) -> Config:
        """Return the configuration as it is to be written, with its new serial number."""
        return replace(self._globals, serial_no=self.serial_no, virtual=tuple(row.virtual for row in self._rows))

    def snapshot(self) -> Snapshot:
        """Return the draft as the snapshot it will be once it is stored."""
        return Snapshot(self.serial_no, self.config(), tuple(self._rows), self._globals_changed_serial)

    def set_globals(self, config: Config) -> None:
        """Take the settings outside every block from `config`, and nothing else of it."""
        if not is_same_block(self._globals, config):
            self._globals_changed_serial = self.serial_no
        before = self._globals
        self._globals = replace(_keeping_layout(config, before), failover=before.failover, virtual=())

    def set_virtual(self, virtual_id: int, virtual: VirtualServer) -> None:
        """Take the settings of a virtual server, not its real servers."""
        row = self._row(virtual_id)
        virtual = replace(_keeping_layout(virtual, row.virtual), server=row.virtual.server)
        changed_serial = row.changed_serial if is_same_block(row.virtual, virtual) else self.serial_no
        self._rows[row.position] = replace(row, virtual=virtual, changed_serial=changed_serial)

    def add_virtual(self, virtual: VirtualServer, position: int | None = None) -> int:
        """Add a virtual server with its real servers; return its id."""
        virtual_id = self._new_id()
        servers = tuple(
            ServerRow(self._new_id(), self.serial_no, virtual_id, place, server)
            for place, server in enumerate(virtual.server)
        )
        place = _place(position, len(self._rows))
        self._rows.insert(place, VirtualRow(virtual_id, self.serial_no, place, virtual, servers))
        self._number_rows()
        return virtual_id

    def delete_virtual(self, virtual_id: int) -> None:
        """Take a virtual server out, with its real servers."""
        del self._rows[self._row(virtual_id).position]
        self._number_rows()

    def set_server(self, server_id: int, server: RealServer) -> None:
        """Take the settings of a real server."""
        row, old = self._server_row(server_id)
        server = _keeping_layout(server, old.server)
        changed_serial = old.changed_serial if is_same_block(old.server, server) else self.serial_no
        servers = list(row.servers)
        servers[old.position] = replace(old, server=server, changed_serial=changed_serial)
        self._set_servers(row, servers)

    def add_server(self, virtual_id: int, server: RealServer, position: int | None = None) -> int:
        """Add a real server to a virtual server; return its id."""
        row = self._row(virtual_id)
        servers = list(row.servers)
        place = _place(position, len(servers))
        server_id = self._new_id()
        servers.insert(place, ServerRow(server_id, self.serial_no, virtual_id, place, server))
        self._set_servers(row, servers)
        return server_id

    def delete_server(self, server_id: int) -> None:
        """Take a real server out."""
        row, old = self._server_row(server_id)
        self._set_servers(row, [server for server in row.servers if server is not old])

    def replace(self, config: Config) -> None:
        """Become `config`; a virtual or real server that has the name of one of before keeps its id."""
        if not is_same_block(self._globals, config):
            self._globals_changed_serial = self.serial_no
        self._globals = replace(config, virtual=())
        pairs = matched(self._rows, [row.virtual.name for row in self._rows], config.virtual)
        self._rows = [self._replaced(old, position, virtual) for position, (old, virtual) in enumerate(pairs)]

    def _replaced(self, old: VirtualRow | None, position: int, virtual: VirtualServer) -> VirtualRow:
        virtual_id = self._new_id() if old is None else old.id
        before = () if old is None else old.servers
        servers = tuple(
            self._replaced_server(row, virtual_id, place, server)
            for place, (row, server) in enumerate(
                matched(before, [row.server.name for row in before], virtual.server)
            )
        )
        if old is not None and is_same_block(old.virtual, virtual):
            return VirtualRow(virtual_id, old.changed_serial, position, virtual, servers)
        return VirtualRow(virtual_id, self.serial_no, position, virtual, servers)

    def _replaced_server(
        self, old: ServerRow | None, virtual_id: int, place: int, server: RealServer
    ) -> ServerRow:
        if old is None:
            return ServerRow(self._new_id(), self.serial_no, virtual_id, place, server)
        changed_serial = old.changed_serial if old.server == server else self.serial_no
        return ServerRow(old.id, changed_serial, virtual_id, place, server)

    def _new_id(self) -> int:
        self.next_id += 1
        return self.next_id - 1

    def _row(self, virtual_id: int) -> VirtualRow:
        for row in self._rows:
            if row.id == virtual_id:
                return row
        raise KeyError(virtual_id)

    def _server_row(self, server_id: int) -> tuple[VirtualRow, ServerRow]:
        for row in self._rows:
            for server in row.servers:
                if server.id == server_id:
                    return row, server
        raise KeyError(server_id)

    def _set_servers(self, row: VirtualRow, servers: Sequence[ServerRow]) -> None:
        numbered = tuple(
            server if server.position == place else replace(server, position=place)
            for place, server in enumerate(servers)
        )
        virtual = replace(row.virtual, server=tuple(server.server for server in numbered))
        self._rows[row.position] = replace(row, servers=numbered, virtual=virtual)

    def _number_rows(self) -> None:
        for place, row in enumerate(self._rows):
            if row.position != place:
                self._rows[place] = replace(row, position=place)


def _place(position: int | None, count: int) -> int:
    """Return where to insert: None or beyond the end is the end."""
    return count if position is None else max(0, min(position, count))


def _keeping_layout(block: Block, before: Block) -> Block:
    """Return `block` with the layout of `before` where it has none: who built it anew knows no comments."""
    return replace(block, layout=before.layout) if block.layout is None else block


_NOUNS = {ObjectKind.VIRTUAL: "virtual server", ObjectKind.SERVER: "real server"}


class Gone(Exception):
    """The object an edit names is not there; `by` is who deleted it and when, None where nobody knows."""

    def __init__(self, kind: ObjectKind, object_id: int, by: AuditedChange | None) -> None:
        noun = _NOUNS.get(kind, str(kind))
        if by is None:
            message = f"There is no {noun} with ID {object_id}. Nothing was changed. Go back to the list."
        else:
            message = (
                f"The {noun} '{by.name}' was deleted by {by.author} on {by.at:%Y-%m-%d} at {by.at:%H:%M} UTC "
                f"(revision {by.serial_no}). Nothing was changed. Go back to the list; HISTORY "
                "shows what it contained."
            )
        super().__init__(message)
        self.kind = kind
        self.object_id = object_id
        self.by = by


class Edit:
    """The configuration under change. Nothing others can see happens before the edit is finished and left.

    A verb raises Gone when its object is not there. Positions count from 0; None, or one too high, is the end.
    A block given without a layout keeps the one that is stored.
    """

    def __init__(
        self, connection: Connection, before: Snapshot, author: str, remote: str | None, at: datetime
    ) -> None:
        """Begin with `before`, which must be what the transaction of `connection` sees."""
        self._connection = connection
        next_id = connection.execute(select(GlobalRecord.next_id)).scalar_one()
        self._draft = Draft(before, next_id)
        self._signed = (at, author, remote)
        self._learned: list[LineageLink] = []
        self.finished: Snapshot | None = None

    @property
    def snapshot(self) -> Snapshot:
        """The configuration before this edit."""
        return self._draft.before

    @property
    def head(self) -> RevisionId:
        """The version of the configuration before this edit."""
        return read_head(self._connection)

    @property
    def device_names(self) -> DeviceNames:
        """This router's own names of its interfaces."""
        return read_device_names(self._connection)

    def descends(self, newer: RevisionId, older: RevisionId) -> bool:
        """Return whether `newer` is known to come from `older`."""
        return read_descent(self._connection, newer, older, self._learned) is not None

    def learn(self, links: Sequence[LineageLink]) -> None:
        """Remember, if the edit is finished, what revisions of our partner were made from."""
        self._learned.extend(links)

    def skip_to(self, serial_no: int) -> None:
        """Become revision `serial_no` instead of the next one; before any verb that changes something."""
        self._draft.skip_to(serial_no)

    def config(self) -> Config:
        """Return the configuration the edit results in, with its serial number one higher."""
        return self._draft.config()

    def set_globals(self, config: Config) -> None:
        """Take the settings outside every block from `config`, and nothing else of it."""
        self._draft.set_globals(config)

    def set_virtual(self, virtual_id: int, virtual: VirtualServer) -> None:
        """Take the settings of a virtual server; `virtual.server` is not regarded."""
        try:
            self._draft.set_virtual(virtual_id, virtual)
        except KeyError:
            raise self._gone(ObjectKind.VIRTUAL, virtual_id) from None

    def add_virtual(self, virtual: VirtualServer, position: int | None = None) -> int:
        """Add a virtual server with its real servers; return its id."""
        return self._draft.add_virtual(virtual, position)

    def delete_virtual(self, virtual_id: int) -> None:
        """Delete a virtual server with its real servers."""
        try:
            self._draft.delete_virtual(virtual_id)
        except KeyError:
            raise self._gone(ObjectKind.VIRTUAL, virtual_id) from None

    def set_server(self, server_id: int, server: RealServer) -> None:
        """Take the settings of a real server."""
        try:
            self._draft.set_server(server_id, server)
        except KeyError:
            raise self._gone(ObjectKind.SERVER, server_id) from None

    def add_server(self, virtual_id: int, server: RealServer, position: int | None = None) -> int:
        """Add a real server to a virtual server; return its id."""
        try:
            return self._draft.add_server(virtual_id, server, position)
        except KeyError:
            raise self._gone(ObjectKind.VIRTUAL, virtual_id) from None

    def delete_server(self, server_id: int) -> None:
        """Delete a real server."""
        try:
            self._draft.delete_server(server_id)
        except KeyError:
            raise self._gone(ObjectKind.SERVER, server_id) from None

    def replace(self, config: Config) -> None:
        """Put `config` in the place of everything; blocks that have a name of before keep their ids."""
        self._draft.replace(config)

    def finish(
        self, summary: str, data: bytes, *, written: bytes | None = None, parents: Sequence[RevisionId] = ()
    ) -> int:
        """Write the draft, its revision with `data` (its lvs.cf) and the audit; return the new serial.

        `written` is lvs.cf as this router writes it, None: the same. `parents` are those the revision is made from
        beside the one before it. It is stored for good when the `with` block is left.
        """
        if self.finished is not None:
            raise RuntimeError("this edit is already finished")
        after = self._draft.snapshot()
        signature = Signature(after.serial_no, *self._signed)
        head = self.head
        version = record_revision(self._connection, signature, summary, data, written)
        made_from = tuple(
            parent for parent in dict.fromkeys((head, *parents)) if not parent.is_nothing and parent != version
        )
        # What the partner says of its own revision comes last, and so holds for it.
        record_links(self._connection, [LineageLink(version, made_from), *self._learned])
        Saving(self._draft.before, after, signature).write(self._connection, self._draft.next_id)
        self.finished = after
        return after.serial_no

    def _gone(self, kind: ObjectKind, object_id: int) -> Gone:
        changes = read_changes_since(self._connection, -1, kind, object_id)
        by = changes[-1] if changes and changes[-1].is_deleted else None
        return Gone(kind, object_id, by)
