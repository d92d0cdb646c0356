"""One edit of the configuration: an open transaction, the verbs that change the draft, and the end of both."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from app.lvs.model.config import Config, RealServer, VirtualServer
from app.lvs.pair.interface_names import DeviceNames
from app.lvs.pair.lineage import Link, Version
from app.store.config.draft import Draft
from app.store.config.kinds import Kind
from app.store.config.records import GlobalRecord
from app.store.config.saving import Saving, Signature
from app.store.config.snapshot import Snapshot
from app.store.history.history import Change, read_changes_since, record_revision
from app.store.history.interface_names import read_device_names
from app.store.history.lineage import read_descent, read_head, record_links

_NOUNS = {Kind.VIRTUAL: "virtual server", Kind.SERVER: "real server"}


class Gone(Exception):
    """The object an edit names is not there; `by` is who deleted it and when, None where nobody knows."""

    def __init__(self, kind: Kind, object_id: int, by: Change | None) -> None:
        noun = _NOUNS.get(kind, str(kind))
        if by is None:
            message = f"There is no {noun} with the number {object_id}. Nothing was changed. Go back to the list."
        else:
            message = (
                f"The {noun} '{by.name}' was deleted by {by.author} on {by.at:%Y-%m-%d} at {by.at:%H:%M} UTC "
                f"(revision {by.serial_no}). Nothing was changed. Go back to the list; HISTORY has what it was."
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
        self._learned: list[Link] = []
        self.finished: Snapshot | None = None

    @property
    def snapshot(self) -> Snapshot:
        """The configuration before this edit."""
        return self._draft.before

    @property
    def head(self) -> Version:
        """The version of the configuration before this edit."""
        return read_head(self._connection)

    @property
    def device_names(self) -> DeviceNames:
        """This router's own names of its interfaces."""
        return read_device_names(self._connection)

    def descends(self, newer: Version, older: Version) -> bool:
        """Return whether `newer` is known to come from `older`."""
        return read_descent(self._connection, newer, older, self._learned) is not None

    def learn(self, links: Sequence[Link]) -> None:
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
            raise self._gone(Kind.VIRTUAL, virtual_id) from None

    def add_virtual(self, virtual: VirtualServer, position: int | None = None) -> int:
        """Add a virtual server with its real servers; return its id."""
        return self._draft.add_virtual(virtual, position)

    def delete_virtual(self, virtual_id: int) -> None:
        """Delete a virtual server with its real servers."""
        try:
            self._draft.delete_virtual(virtual_id)
        except KeyError:
            raise self._gone(Kind.VIRTUAL, virtual_id) from None

    def set_server(self, server_id: int, server: RealServer) -> None:
        """Take the settings of a real server."""
        try:
            self._draft.set_server(server_id, server)
        except KeyError:
            raise self._gone(Kind.SERVER, server_id) from None

    def add_server(self, virtual_id: int, server: RealServer, position: int | None = None) -> int:
        """Add a real server to a virtual server; return its id."""
        try:
            return self._draft.add_server(virtual_id, server, position)
        except KeyError:
            raise self._gone(Kind.VIRTUAL, virtual_id) from None

    def delete_server(self, server_id: int) -> None:
        """Delete a real server."""
        try:
            self._draft.delete_server(server_id)
        except KeyError:
            raise self._gone(Kind.SERVER, server_id) from None

    def replace(self, config: Config) -> None:
        """Put `config` in the place of everything; blocks that have a name of before keep their ids."""
        self._draft.replace(config)

    def finish(
        self, summary: str, data: bytes, *, written: bytes | None = None, parents: Sequence[Version] = ()
    ) -> int:
        """Write the draft, its revision with `data` (its lvs.cf) and the audit; return the new serial.

        `written` is lvs.cf as this router writes it, None: the same. `parents` are those the revision is made from
        beside the one before it. It is stored for good when the `with` block is left.
        """
        if self.finished is not None:
            raise RuntimeError("this edit is finished already")
        after = self._draft.snapshot()
        signature = Signature(after.serial_no, *self._signed)
        head = self.head
        version = record_revision(self._connection, signature, summary, data, written)
        made_from = tuple(one for one in dict.fromkeys((head, *parents)) if not one.is_nothing and one != version)
        # What the partner says of its own revision comes last, and so holds for it.
        record_links(self._connection, [Link(version, made_from), *self._learned])
        Saving(self._draft.before, after, signature).write(self._connection, self._draft.next_id)
        self.finished = after
        return after.serial_no

    def _gone(self, kind: Kind, object_id: int) -> Gone:
        changes = read_changes_since(self._connection, -1, kind, object_id)
        by = changes[-1] if changes and changes[-1].is_deleted else None
        return Gone(kind, object_id, by)
