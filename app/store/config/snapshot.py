"""The configuration as it is stored, with the ids by which pages name its objects. Values only."""

from dataclasses import dataclass

from app.lvs.model.config import Config, RealServer, VirtualServer
from app.store.tables.audit import ObjectKind


class Gone(Exception):
    """The object does not exist, or no longer; `Store.deletion_of` knows who deleted it."""

    def __init__(self, kind: ObjectKind, object_id: int) -> None:
        noun = "virtual server" if kind is ObjectKind.VIRTUAL else "real server"
        super().__init__(f"There is no {noun} with the id {object_id}.")
        self.kind = kind
        self.object_id = object_id


@dataclass(frozen=True, slots=True)
class ServerRow:
    """A real server; `position` counts from 0 within its virtual server."""

    id: int
    changed_serial: int
    virtual_id: int
    position: int
    server: RealServer


@dataclass(frozen=True, slots=True)
class VirtualRow:
    """A virtual server; `position` counts from 0, `virtual.server` holds the servers of `servers`."""

    id: int
    changed_serial: int
    position: int
    virtual: VirtualServer
    servers: tuple[ServerRow, ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The configuration at one serial; what did not change since an older snapshot is the same object as there.

    `globals_changed_serial` is the serial at which a setting outside every block last changed.
    """

    serial_no: int
    config: Config
    virtual: tuple[VirtualRow, ...]
    globals_changed_serial: int

    def find_virtual(self, virtual_id: int) -> VirtualRow | None:
        """Return the virtual server of that id; None: there is none, or no more."""
        return next((row for row in self.virtual if row.id == virtual_id), None)

    def find_server(self, server_id: int) -> ServerRow | None:
        """Return the real server of that id; None: there is none, or no more."""
        return next((row for virtual in self.virtual for row in virtual.servers if row.id == server_id), None)
