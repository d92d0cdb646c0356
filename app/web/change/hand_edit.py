"""The page about an lvs.cf that is not what was last written: what differs, and the two ways on.

One page, whether it was opened on purpose or stopped an ACCEPT. Saves nothing.
"""

from dataclasses import dataclass

from flask import make_response, render_template, request
from werkzeug.wrappers import Response

from app.accept.accept import last_written
from app.accept.on_disk import OnDisk, compare, digest
from app.host.files.atomic_file import FileUnreadable, read
from app.host.names import PatientNames
from app.web.change.incoming import Incoming, understand_lvs_cf
from app.web.change.problem_lines import show_problems
from app.web.change.text_diff import difference
from app.web.frame.current import current
from app.web.status.machine import machine_of

HEADINGS = {
    OnDisk.EDITED: "LVS.CF WAS EDITED BY HAND",
    OnDisk.FIRST: "LVS.CF ALREADY EXISTS",
    OnDisk.MISSING: "LVS.CF IS MISSING",
    OnDisk.LATE: "LVS.CF IS OUT OF DATE",
    OnDisk.WRITTEN: "LVS.CF IS UP TO DATE",
    OnDisk.UNREADABLE: "LVS.CF CANNOT BE READ",
}


@dataclass(frozen=True, slots=True)
class HandEdit:
    """lvs.cf as it was `found`, and what was last `written` with serial `serial_no` (0: nothing was).

    `trouble` says why the file cannot be read, where it cannot.
    """

    state: OnDisk
    found: bytes
    written: bytes
    serial_no: int
    trouble: str = ""


def look() -> HandEdit:
    """Return how lvs.cf stands now."""
    store = current.store
    heads = store.revisions(2)
    written, serial_no = last_written(store), heads[0].serial_no if heads else 0
    try:
        found = read(current.settings.lvs_cf)
    except FileUnreadable as unreadable:
        return HandEdit(OnDisk.UNREADABLE, b"", written, serial_no, str(unreadable))
    return HandEdit(compare(found, heads), found or b"", written, serial_no)


def judged(found: bytes) -> Incoming:
    """Return the content of lvs.cf understood and judged as pulse does it."""
    return understand_lvs_cf(found, PatientNames(), machine_of(current.pulse.part().report))


def hand_edit_page(
    edit: HandEdit, refused: list[str] | None = None, code: int = 200, *, is_refusing: bool = False
) -> Response:
    """Show the page; `is_refusing`: the request was a change that lvs.cf stands in the way of."""
    incoming = judged(edit.found) if edit.state in (OnDisk.EDITED, OnDisk.FIRST) else None
    page = render_template(
        "change/hand_edit.html",
        edit=edit,
        heading=HEADINGS[edit.state],
        path=current.settings.lvs_cf,
        digest=digest(edit.found),
        difference=difference(edit.written, edit.found, _name(edit), "the current file"),
        problems=show_problems(incoming.problems, edit.found, incoming.config) if incoming else None,
        can_import=incoming is not None and incoming.accepted is not None,
        repeated=_repeated() if is_refusing else None,
        refused=refused or [],
    )
    return make_response(page, code)


def _name(edit: HandEdit) -> str:
    return f"serial {edit.serial_no}" if edit.serial_no else "nothing written yet"


def _repeated() -> list[tuple[str, str]]:
    return [
        (name, text) for name, text in request.form.items(multi=True) if name not in ("csrf_token", "overwrite")
    ]
