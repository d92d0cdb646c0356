"""HISTORY: every accepted configuration, what each changed, and RESTORE and UNDO."""

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.accept.accept import ChangeResult, NotSaved, Refused, config_of
from app.host.names import PatientNames
from app.lvs.grammar.reader import parse
from app.store import Edit, Revision
from app.web.change.answer import save
from app.web.change.findings import place_refusal
from app.web.change.text_diff import difference
from app.web.change.undo import NothingToUndo, put_back
from app.web.frame.current import current
from app.web.frame.request_numbers import object_id, serial_number

SHOWN = 50

blueprint = Blueprint("history", __name__)


@blueprint.get("/history")
def page() -> Response:
    """Show the revisions, newest first."""
    return _page([], 200)


@blueprint.get("/history/<int(max=2147483647):serial_no>")
def revision(serial_no: int) -> Response:
    """Show what one revision changed."""
    return _revision_page(_found(serial_no), [], 200)


@blueprint.post("/history/<int(max=2147483647):serial_no>/restore")
def restore(serial_no: int) -> Response:
    """Make a new revision with the content of an old one."""
    old = _found(serial_no)
    reading = parse(old.data, PatientNames())
    config = reading.config
    if config is None:
        return _revision_page(old, [f"line {found.line}: {found.message}" for found in reading.problems], 422)

    def change(edit: Edit) -> ChangeResult:
        edit.replace(config)
        return ChangeResult(f"restored {serial_no}", None)

    def again(refusal: Refused | NotSaved) -> Response:
        refused, code = place_refusal(config, refusal)
        return _revision_page(old, refused, code)

    return save(change, back=lambda _: url_for("history.page"), again=again)


@blueprint.post("/history/<int(max=2147483647):serial_no>/undo")
def undo(serial_no: int) -> Response:
    """Restore what one revision deleted, and leave everything else as it is now."""
    virtual_id = request.form.get("virtual_id", type=object_id)
    is_list = virtual_id is not None and current.store.snapshot().find_virtual(virtual_id) is not None
    back = url_for("real_servers.page", row_id=virtual_id) if is_list else url_for("virtual_servers.page")

    def refused(refusal: Refused | NotSaved) -> Response:
        return _page(*place_refusal(config_of(current.store.snapshot()), refusal))

    def again(refusal: Refused | NotSaved) -> Response:
        if isinstance(refusal, NotSaved):
            return refused(refusal)
        flash(f"It is restored deactivated, because it would not be valid if active. {refusal}", "warn")
        return save(
            lambda edit: put_back(edit, serial_no, virtual_id, is_down=True),
            back=lambda _: back,
            again=refused,
        )

    try:
        return save(lambda edit: put_back(edit, serial_no, virtual_id), back=lambda _: back, again=again)
    except NothingToUndo as nothing:
        flash(str(nothing), "error")
        return redirect(back, 303)


def _found(serial_no: int) -> Revision:
    return current.store.revision(serial_no) or abort(404)


def _page(refused: list[str], code: int) -> Response:
    before = request.args.get("before", type=serial_number)
    found = current.store.revisions(SHOWN + 1, before=before)
    page = render_template(
        "transfer/history.html",
        revisions=found[:SHOWN],
        older=found[SHOWN - 1].serial_no if len(found) > SHOWN else None,
        is_newest=before is None,
        refused=refused,
    )
    return make_response(page, code)


def _revision_page(shown: Revision, refused: list[str], code: int) -> Response:
    store = current.store
    before, later = store.serials_beside(shown.serial_no)
    earlier = store.revision(before) if before is not None else None
    before_name = f"serial {earlier.serial_no}" if earlier else "nothing"
    page = render_template(
        "transfer/revision.html",
        revision=shown,
        difference=difference(
            earlier.data if earlier else b"", shown.data, before_name, f"serial {shown.serial_no}"
        ),
        is_current=shown.serial_no == store.snapshot().serial_no,
        earlier=before,
        later=later,
        refused=refused,
    )
    return make_response(page, code)
