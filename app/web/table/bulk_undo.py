"""UNDO of a change of many rows: restores each virtual and real server that has not been changed since."""

from dataclasses import dataclass, replace
from typing import Any

from app.accept.accept import ChangeResult
from app.lvs.formats.config_json import block_from_json
from app.lvs.model.keyword import BlockKind
from app.store import AuditedChange, Edit, ObjectKind, ServerRow, Snapshot, VirtualRow
from app.web.change.undo import NothingToUndo
from app.web.frame.current import current

SET_BACK = frozenset(("active", "weight", "admin_state", "admin_until", "admin_reason"))
"""The settings that actions on rows can change."""


@dataclass(frozen=True, slots=True)
class ManyChanged:
    """The change that the UNDO button of CONTROL/MONITORING undoes."""

    serial_no: int
    text: str


def offered_undo_of_many(serial_no: int | None) -> ManyChanged | None:
    """Return the change that can be undone; None: there is none, or no longer."""
    changes = _changes_of(serial_no) if serial_no is not None else []
    if not changes or not any(_row_of(change, _rows(current.store.snapshot())) for change in changes):
        return None
    return ManyChanged(changes[0].serial_no, f"Done: {changes[0].summary}.")


def put_all_back(edit: Edit, serial_no: int) -> ChangeResult:
    """Restore what revision `serial_no` changed; raise NothingToUndo."""
    changes = _changes_of(serial_no)
    if not changes:
        raise NothingToUndo(f"Revision {serial_no} is not a change of rows that can be undone. See HISTORY.")
    rows = _rows(edit.snapshot)
    done = 0
    for change in changes:
        row = _row_of(change, rows)
        if row is None:
            continue
        done += 1
        if isinstance(row, VirtualRow):
            edit.set_virtual(row.id, replace(row.virtual, **_before(change, BlockKind.VIRTUAL)))
        else:
            edit.set_server(row.id, replace(row.server, **_before(change, BlockKind.SERVER)))
    if not done:
        raise NothingToUndo(f"All that revision {serial_no} changed has been changed again since. See HISTORY.")
    left = len(changes) - done
    return ChangeResult(f"undone {serial_no}{f', except {left} changed since' if left else ''}", ())


_Rows = dict[tuple[ObjectKind, int], VirtualRow | ServerRow]


def _rows(snapshot: Snapshot) -> _Rows:
    rows: _Rows = {(ObjectKind.VIRTUAL, row.id): row for row in snapshot.virtual}
    rows.update({(ObjectKind.SERVER, server.id): server for row in snapshot.virtual for server in row.servers})
    return rows


def _row_of(change: AuditedChange, rows: _Rows) -> VirtualRow | ServerRow | None:
    """Return the row that `change` changed, unless it has been changed since."""
    row = rows.get((change.kind, change.object_id))
    return row if row is not None and row.changed_serial == change.serial_no else None


def _changes_of(serial_no: int) -> list[AuditedChange]:
    """Return the changes of one revision; none if it did anything that actions on rows do not do."""
    changes = [change for change in current.store.audit(1, before=serial_no + 1) if change.serial_no == serial_no]
    own = [change for change in changes if change.kind in (ObjectKind.VIRTUAL, ObjectKind.SERVER)]
    is_plain = all(
        not change.is_added and not change.is_deleted and change.fields.keys() <= SET_BACK for change in own
    )
    return own if is_plain else []


def _before(change: AuditedChange, place: BlockKind) -> dict[str, Any]:
    before = {name: value for name, (value, _) in change.fields.items()}
    block = block_from_json(
        place, {"name": "", **{name: value for name, value in before.items() if value is not None}}
    )
    return {name: getattr(block, name) for name in before}
