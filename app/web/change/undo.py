"""UNDO of a DELETE: the deleted virtual or real server goes back to its place, whatever has changed since."""

from dataclasses import dataclass, replace

from flask import request

from app.accept.accept import ChangeResult
from app.host.names import PatientNames
from app.lvs.grammar.reader import parse
from app.lvs.model.config import Config, RealServer, VirtualServer
from app.store import AuditedChange, Edit, ObjectKind
from app.web.frame.current import current
from app.web.frame.request_numbers import serial_number


class NothingToUndo(Exception):
    """There is nothing that could be put back; the message says why."""


@dataclass(frozen=True, slots=True)
class UndoOffer:
    """What the UNDO button of a list page stands for."""

    serial_no: int
    text: str


def offered_undo() -> UndoOffer | None:
    """Return what the address's ``undo`` says was just deleted; None without it, or once it is back."""
    serial_no = request.args.get("undo", type=serial_number)
    deleted = _deleted_in(serial_no) if serial_no is not None else None
    if deleted is None:
        return None
    noun = "virtual server" if deleted.kind is ObjectKind.VIRTUAL else "real server"
    return UndoOffer(deleted.serial_no, f"The {noun} {deleted.name} was deleted.")


def put_back(edit: Edit, serial_no: int, virtual_id: int | None, *, is_down: bool = False) -> ChangeResult:
    """Add again what revision `serial_no` deleted, as it was or, with `is_down`, deactivated.

    `virtual_id` is the virtual server a real server goes back to; None: the one that had the same name.
    Raises NothingToUndo.
    """
    deleted = _deleted_in(serial_no)
    before = _config_before(serial_no)
    if deleted is None or before is None:
        raise NothingToUndo(f"Revision {serial_no} deleted nothing that can be restored. See HISTORY.")
    if deleted.kind is ObjectKind.VIRTUAL:
        return _put_back_virtual(edit, deleted, before, is_down)
    return _put_back_server(edit, deleted, before, virtual_id, is_down)


def _put_back_virtual(edit: Edit, deleted: AuditedChange, before: Config, is_down: bool) -> ChangeResult:
    virtual = before.virtual[deleted.position]
    now = edit.snapshot.config.virtual
    if now.count(virtual) >= before.virtual.count(virtual):
        raise NothingToUndo(f"{virtual.name} has already been restored.")
    edit.add_virtual(replace(virtual, active=False) if is_down else virtual, deleted.position)
    path = ("virtual", min(deleted.position, len(now)))
    return ChangeResult(f"{virtual.name}: deletion of {deleted.serial_no} undone", None if is_down else path)


def _put_back_server(
    edit: Edit, deleted: AuditedChange, before: Config, virtual_id: int | None, is_down: bool
) -> ChangeResult:
    virtual, server = _server_before(before, deleted)
    row = edit.snapshot.find_virtual(virtual_id) if virtual_id is not None else None
    row = row or next((row for row in edit.snapshot.virtual if row.virtual.name == virtual.name), None)
    if row is None:
        raise NothingToUndo(
            f"{server.name} belonged to the virtual server {virtual.name}, which is deleted too. "
            "Restore that first."
        )
    if row.virtual.server.count(server) >= virtual.server.count(server):
        raise NothingToUndo(f"{server.name} has already been restored.")
    edit.add_server(row.id, replace(server, active=False) if is_down else server, deleted.position)
    path = ("virtual", row.position, "server", min(deleted.position, len(row.servers)))
    summary = f"{row.virtual.name}: deletion of {server.name} in {deleted.serial_no} undone"
    return ChangeResult(summary, None if is_down else path)


def _server_before(before: Config, deleted: AuditedChange) -> tuple[VirtualServer, RealServer]:
    """Return the deleted real server and the virtual server it stood in, as they were."""
    after = _config_of(deleted.serial_no)
    for index, virtual in enumerate(before.virtual):
        left = after.virtual[index].server if after and index < len(after.virtual) else ()
        if len(left) < len(virtual.server):
            return virtual, virtual.server[deleted.position]
    raise NothingToUndo(f"Revision {deleted.serial_no} did not delete a real server. See HISTORY.")


def _deleted_in(serial_no: int) -> AuditedChange | None:
    """Return the one virtual or real server revision `serial_no` deleted; None if it did anything else."""
    changes = [
        change
        for change in current.store.audit(1, before=serial_no + 1)
        if change.serial_no == serial_no and change.kind in (ObjectKind.VIRTUAL, ObjectKind.SERVER)
    ]
    virtual = [change for change in changes if change.kind is ObjectKind.VIRTUAL]
    found = virtual or changes
    is_one = len(found) == 1 and all(change.is_deleted for change in changes)
    return found[0] if is_one else None


def _config_before(serial_no: int) -> Config | None:
    before, _ = current.store.serials_beside(serial_no)
    return None if before is None else _config_of(before)


def _config_of(serial_no: int) -> Config | None:
    revision = current.store.revision(serial_no)
    return parse(revision.data, PatientNames()).config if revision else None
