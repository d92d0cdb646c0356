"""MONITORING SCRIPTS: how the real servers of one virtual server are checked."""

from dataclasses import replace
from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.store import Edit, Kind, VirtualRow
from app.web import current
from app.web.accept import Made, NotSaved, Refused, config_of
from app.web.answer import save, seen_serial
from app.web.conflict import Conflict, Gone, find_virtual, gone_page, refuse_stale
from app.web.findings import place_findings, place_refusal
from app.web.forms import Form
from app.web.forms_pages import CLEAR_BUTTONS, SCRIPT_INPUTS
from app.web.summary import changed

CLEARED_BY = {button: name for name, button in CLEAR_BUTTONS.items()}

blueprint = Blueprint("monitoring_scripts", __name__)


@blueprint.route("/virtual/<int(max=2147483647):row_id>/scripts", methods=["GET", "POST"])
def page(row_id: int) -> Response:
    """Show the texts of the check; ACCEPT replaces those that were typed, a clear button takes one away."""
    action = request.form.get("gen_service", "")
    if action == "CANCEL":
        return redirect(url_for("virtual_server.page", row_id=row_id), 303)
    snapshot = current.store().snapshot()
    config = config_of(snapshot)
    try:
        row = find_virtual(snapshot, row_id)
    except Gone as gone:
        return gone_page(gone)
    if request.method == "GET":
        form = Form.showing(SCRIPT_INPUTS, row.virtual)
        elsewhere = place_findings(config, ("virtual", row.position), form)
        return _page(row, form, snapshot.serial_no, elsewhere=elsewhere)
    seen = seen_serial()
    form = Form.submitted(SCRIPT_INPUTS, request.form)

    def again(refusal: Refused | NotSaved) -> Response:
        refused, code = place_refusal(config, refusal, form)
        return _page(row, form, seen, code, refused=refused)

    return save(
        lambda edit: _change(edit, row_id, form, seen, CLEARED_BY.get(action)),
        back=lambda _: url_for("monitoring_scripts.page", row_id=row_id),
        again=again,
        form=form,
    )


def _change(edit: Edit, row_id: int, form: Form, seen: int, cleared: str | None) -> Made:
    row = find_virtual(edit.snapshot, row_id)
    after = form.merged(row.virtual)
    path = ("virtual", row.position)
    if form.errors:
        raise Refused((), path)
    conflict = Conflict(Kind.VIRTUAL, row_id, seen, row.virtual, edit.snapshot.serial_no)
    refuse_stale(form, row.changed_serial, conflict)
    if cleared is not None:
        nothing: dict[str, Any] = {cleared: None}
        after = replace(after, **nothing)
    edit.set_virtual(row_id, after)
    return Made(changed(row.virtual.name, row.virtual, after), path)


def _page(
    row: VirtualRow,
    form: Form,
    serial_no: int,
    code: int = 200,
    *,
    refused: list[str] | None = None,
    elsewhere: list[str] | None = None,
) -> Response:
    page = render_template(
        "monitoring_scripts.html",
        row=row,
        form=form,
        texts=[
            (form[name].label, replace(form[name], label="Replacement text"), getattr(row.virtual, name), button)
            for name, button in CLEAR_BUTTONS.items()
        ],
        serial_no=serial_no,
        refused=refused or [],
        elsewhere=elsewhere or [],
    )
    return make_response(page, code)
