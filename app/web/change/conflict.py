"""An object was changed or deleted by somebody else since the page was opened. Pages for both.

Finds the object an edit is about, and refuses it with Conflict or Gone; saves nothing.
"""

from dataclasses import dataclass

from flask import abort, make_response, render_template, request
from werkzeug.wrappers import Response

from app.lvs.keywords.secret_keys import covered
from app.lvs.model.config import Config, RealServer, VirtualServer
from app.store import Gone, ObjectKind, ServerRow, Snapshot, VirtualRow
from app.web.forms.form import OPENED, Form
from app.web.frame.current import current

NOT_REPEATED = frozenset({"csrf_token", "serial"})


class Conflict(Exception):
    """The object was changed after serial `seen`; `now` is what it is."""

    def __init__(
        self, kind: ObjectKind, row_id: int, seen: int, now: Config | VirtualServer | RealServer, serial_no: int
    ) -> None:
        super().__init__(f"{kind} {row_id} changed since {seen}")
        self.kind = kind
        self.row_id = row_id
        self.seen = seen
        self.now = now
        self.serial_no = serial_no


@dataclass(frozen=True, slots=True)
class ServerPlace:
    """A real server, the virtual server it stands in, and its index there."""

    virtual: VirtualRow
    row: ServerRow
    index: int


def find_virtual(snapshot: Snapshot, row_id: int) -> VirtualRow:
    """Return a virtual server; raise Gone."""
    row = snapshot.find_virtual(row_id)
    if row is None:
        raise Gone(ObjectKind.VIRTUAL, row_id)
    return row


def find_server(snapshot: Snapshot, virtual_id: int, row_id: int) -> ServerPlace:
    """Return a real server of a virtual server; raise Gone."""
    virtual = find_virtual(snapshot, virtual_id)
    for index, row in enumerate(virtual.servers):
        if row.id == row_id:
            return ServerPlace(virtual, row, index)
    raise Gone(ObjectKind.SERVER, row_id)


def refuse_stale(form: Form, changed_serial: int, conflict: Conflict) -> None:
    """Raise `conflict` when what `form` shows changed after the serial that was seen.

    A change of something else of the same object (its status, another page's keys) is none: both are kept.
    """
    if changed_serial > conflict.seen and not form.is_about(conflict.now):
        raise conflict


def conflict_page(conflict: Conflict, form: Form) -> Response:
    """Show what changed since the page was opened, by whom, and what was typed, with the choice."""
    now = Form.showing(form.inputs, conflict.now)
    rows = [
        (
            box.label,
            form.opened.get(name, ""),
            now.opened[name],
            covered(name, form.texts.get(name, now.texts[name])),
        )
        for name, box in now.boxes().items()
        if form.opened.get(name, "") != now.opened[name] or form.texts.get(name) not in (None, now.texts[name])
    ]
    repeated = [
        (name, text)
        for name, text in request.form.items(multi=True)
        if name not in NOT_REPEATED and not name.startswith(OPENED)
    ]
    page = render_template(
        "change/conflict.html",
        rows=rows,
        changes=current.store.changes_since(conflict.seen, conflict.kind, conflict.row_id),
        repeated=[*repeated, *now.hidden, ("serial", str(conflict.serial_no))],
    )
    return make_response(page, 409)


def gone_page(gone: Gone) -> Response:
    """Show who deleted the object and when; 404 when there never was one."""
    last = current.store.deletion_of(gone) or abort(404)
    return make_response(render_template("change/gone.html", kind=gone.kind, last=last), 410)
