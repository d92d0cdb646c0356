"""One edit of the configuration: an open transaction, the verbs that change the draft, and its commit."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, select

from app.lvs.grammar.c_numbers import INT_MAX
from app.lvs.model.config import Config, RealServer, VirtualServer
from app.lvs.pair.interface_names import DeviceNames
from app.lvs.pair.lineage import LineageLink, RevisionId
from app.store.config.documents import Block, is_same_block
from app.store.config.matching import matched
from app.store.config.saving import Saving
from app.store.config.snapshot import Gone, ServerRow, Snapshot, VirtualRow
from app.store.history.history import record_revision
from app.store.history.interface_names import read_device_names
from app.store.history.lineage import read_descent, read_head, record_links
from app.store.tables.audit import ObjectKind, Signature
from app.store.tables.configuration import GlobalRecord

SERIAL_MAX = INT_MAX
"""The largest serial_no that lvs.cf and Piranha, whose int it is, can hold."""


class Edit:
    """The configuration being changed; nobody else sees the change before `finish` and the end of the transaction.

    A verb raises Gone when its object is not there. Positions count from 0; None, or one too high, is the end.
    A block given without a layout keeps the one that is stored; rows that no verb touches stay the same objects.
    """

    def __init__(
        self, connection: Connection, before: Snapshot, author: str, remote: str | None, at: datetime
    ) -> None:
        """Begin with `before`, which must be what the transaction of `connection` sees."""
        self._connection = connection
        self._signed = (at, author, remote)
        self._learned: list[LineageLink] = []
        self._next_id: int = connection.execute(select(GlobalRecord.next_id)).scalar_one()
        self._serial_no = before.serial_no + 1
        self._is_numbered = False
        self.uncounted: int | None = None
        self._globals = before.config
        self._globals_changed_serial = before.globals_changed_serial
        self._rows = list(before.virtual)
        self.snapshot = before
        self.finished: Snapshot | None = None

    @property
    def head(self) -> RevisionId:
        """The version of the configuration before this edit."""
        return read_head(self._connection)

    @property
    def device_names(self) -> DeviceNames:
        """This router's own names for its interfaces."""
        return read_device_names(self._connection)

    def descends(self, newer: RevisionId, older: RevisionId) -> bool:
        """Return whether `newer` is known to descend from `older`."""
        return read_descent(self._connection, newer, older, self._learned) is not None

    def learn(self, links: Sequence[LineageLink]) -> None:
        """Record, once the edit is finished, which revisions those of our partner were made from."""
        self._learned.extend(links)

    def skip_to(self, serial_no: int) -> None:
        """Become revision `serial_no` instead of the next one; call it before any other verb."""
        if serial_no < self._serial_no:
            raise ValueError(f"{serial_no} is not above the present serial {self.snapshot.serial_no}")
        self._serial_no = serial_no
        self._is_numbered = True

    def count_from(self, serial_no: int | None) -> None:
        """Become the revision after `serial_no`, the serial of some lvs.cf, unless the next one is later already.

        Where no number can follow it, it is kept in `uncounted` and the next one stands.
        """
        if self._is_numbered or serial_no is None:
            return
        if serial_no >= SERIAL_MAX:
            self.uncounted = serial_no
        else:
            self._serial_no = max(self._serial_no, serial_no + 1)

    def config(self) -> Config:
        """Return the configuration the edit results in, with its new serial number."""
        return replace(self._globals, serial_no=self._serial_no, virtual=tuple(row.virtual for row in self._rows))

    def _after(self) -> Snapshot:
        return Snapshot(self._serial_no, self.config(), tuple(self._rows), self._globals_changed_serial)

    def set_globals(self, config: Config) -> None:
        """Set the settings outside every block to those of `config`; its blocks are ignored."""
        if not is_same_block(self._globals, config):
            self._globals_changed_serial = self._serial_no
        before = self._globals
        self._globals = replace(_keeping_layout(config, before), failover=before.failover, virtual=())

    def set_virtual(self, virtual_id: int, virtual: VirtualServer) -> None:
        """Set the settings of a virtual server; `virtual.server` is ignored."""
        row = self._row(virtual_id)
        virtual = replace(_keeping_layout(virtual, row.virtual), server=row.virtual.server)
        changed_serial = row.changed_serial if is_same_block(row.virtual, virtual) else self._serial_no
        self._rows[row.position] = replace(row, virtual=virtual, changed_serial=changed_serial)

    def add_virtual(self, virtual: VirtualServer, position: int | None = None) -> int:
        """Add a virtual server with its real servers; return its id."""
        virtual_id = self._new_id()
        servers = tuple(
            ServerRow(self._new_id(), self._serial_no, virtual_id, place, server)
            for place, server in enumerate(virtual.server)
        )
        place = _place(position, len(self._rows))
        self._rows.insert(place, VirtualRow(virtual_id, self._serial_no, place, virtual, servers))
        self._number_rows()
        return virtual_id

    def delete_virtual(self, virtual_id: int) -> None:
        """Delete a virtual server with its real servers."""
        del self._rows[self._row(virtual_id).position]
        self._number_rows()

    def set_server(self, server_id: int, server: RealServer) -> None:
        """Set the settings of a real server."""
        row, old = self._server_row(server_id)
        server = _keeping_layout(server, old.server)
        changed_serial = old.changed_serial if is_same_block(old.server, server) else self._serial_no
        servers = list(row.servers)
        servers[old.position] = replace(old, server=server, changed_serial=changed_serial)
        self._set_servers(row, servers)

    def add_server(self, virtual_id: int, server: RealServer, position: int | None = None) -> int:
        """Add a real server to a virtual server; return its id."""
        row = self._row(virtual_id)
        servers = list(row.servers)
        place = _place(position, len(servers))
        server_id = self._new_id()
        servers.insert(place, ServerRow(server_id, self._serial_no, virtual_id, place, server))
        self._set_servers(row, servers)
        return server_id

    def delete_server(self, server_id: int) -> None:
        """Delete a real server."""
        row, old = self._server_row(server_id)
        self._set_servers(row, [server for server in row.servers if server is not old])

    def replace(self, config: Config) -> None:
        """Replace everything by `config`; a virtual or real server whose name existed before keeps its id.

        Its serial counts, too: numbers never go back.
        """
        self.count_from(config.serial_no)
        if not is_same_block(self._globals, config):
            self._globals_changed_serial = self._serial_no
        self._globals = replace(config, virtual=())
        pairs = matched(self._rows, [row.virtual.name for row in self._rows], config.virtual)
        self._rows = [self._replaced(old, position, virtual) for position, (old, virtual) in enumerate(pairs)]

    def finish(
        self, summary: str, data: bytes, *, written: bytes | None = None, parents: Sequence[RevisionId] = ()
    ) -> int:
        """Write the draft, its revision with `data` (its lvs.cf) and the audit; return the new serial.

        `written` is lvs.cf as this router writes it, None: the same. `parents` are the revisions it was made from
        in addition to the previous one. It is committed when the `with` block is left.
        """
        if self.finished is not None:
            raise RuntimeError("this edit is finished already")
        after = self._after()
        signature = Signature(after.serial_no, *self._signed)
        head = self.head
        version = record_revision(self._connection, signature, summary, data, written)
        made_from = tuple(
            parent for parent in dict.fromkeys((head, *parents)) if not parent.is_nothing and parent != version
        )
        # What the partner reports of its own revision comes last, so that it overrides ours.
        record_links(self._connection, [LineageLink(version, made_from), *self._learned])
        Saving(self.snapshot, after, signature).write(self._connection, self._next_id)
        self.finished = after
        return after.serial_no

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
        return VirtualRow(virtual_id, self._serial_no, position, virtual, servers)

    def _replaced_server(
        self, old: ServerRow | None, virtual_id: int, place: int, server: RealServer
    ) -> ServerRow:
        if old is None:
            return ServerRow(self._new_id(), self._serial_no, virtual_id, place, server)
        changed_serial = old.changed_serial if old.server == server else self._serial_no
        return ServerRow(old.id, changed_serial, virtual_id, place, server)

    def _new_id(self) -> int:
        self._next_id += 1
        return self._next_id - 1

    def _row(self, virtual_id: int) -> VirtualRow:
        for row in self._rows:
            if row.id == virtual_id:
                return row
        raise Gone(ObjectKind.VIRTUAL, virtual_id)

    def _server_row(self, server_id: int) -> tuple[VirtualRow, ServerRow]:
        for row in self._rows:
            for server in row.servers:
                if server.id == server_id:
                    return row, server
        raise Gone(ObjectKind.SERVER, server_id)

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
    """Return where to insert; None or beyond the end means the end."""
    return count if position is None else max(0, min(position, count))


def _keeping_layout(block: Block, before: Block) -> Block:
    """Return `block` with the layout of `before` if it has none, so that comments survive a rebuilt block."""
    return replace(block, layout=before.layout) if block.layout is None else block
