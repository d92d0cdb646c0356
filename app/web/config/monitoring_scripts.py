"""MONITORING SCRIPTS: how the real servers of one virtual server are checked."""

from dataclasses import replace
from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.accept.accept import ChangeResult, NotSaved, Refused, config_of
from app.lvs.keywords.secret_keys import covered, has_secret
from app.lvs.model.config import Config
from app.store import Edit, Gone, ObjectKind, VirtualRow
from app.web.change.answer import save, seen_serial
from app.web.change.conflict import Conflict, find_virtual, gone_page, refuse_stale
from app.web.change.findings import place_findings, place_refusal
from app.web.change.summary import changed
from app.web.config.check_stylesheet import stylesheet_url
from app.web.config.check_test import Trial, try_checks
from app.web.forms.check_fields import ALWAYS_GROUPS, EXPLAINED, FIELD_KINDS, PIRANHA, REQUEST_GROUPS
from app.web.forms.field import FormField
from app.web.forms.form import Form
from app.web.forms.pages import CLEAR_BUTTONS, SECRET_BUTTONS, script_inputs
from app.web.frame import current

CLEARED_BY = {button: name for name, button in (CLEAR_BUTTONS | SECRET_BUTTONS).items()}

blueprint = Blueprint("monitoring_scripts", __name__)


@blueprint.route("/virtual/<int(max=2147483647):row_id>/scripts", methods=["GET", "POST"])
def page(row_id: int) -> Response:
    """Show how the servers are checked; ACCEPT saves what was typed, a clear button takes a text away.

    TEST NOW runs the checks as they stand on the page, and saves nothing.
    """
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
        form = Form.showing(script_inputs(row.virtual), row.virtual)
        elsewhere = place_findings(config, ("virtual", row.position), form)
        return _page(row, form, snapshot.serial_no, elsewhere=elsewhere)
    seen = seen_serial()
    form = Form.submitted(script_inputs(row.virtual), request.form)
    if action == "TEST NOW":
        return _test(config, row, form, seen)

    def again(refusal: Refused | NotSaved) -> Response:
        refused, code = place_refusal(config, refusal, form)
        return _page(row, form, seen, code, refused=refused)

    return save(
        lambda edit: _change(edit, row_id, form, seen, CLEARED_BY.get(action)),
        back=lambda _: url_for("monitoring_scripts.page", row_id=row_id),
        again=again,
        form=form,
    )


def _test(config: Config, row: VirtualRow, form: Form, seen: int) -> Response:
    typed = form.merged(row.virtual)
    if form.errors:
        return _page(row, form, seen, 422)
    return _page(row, form, seen, trial=try_checks(config, typed, is_saved=typed == row.virtual))


def _change(edit: Edit, row_id: int, form: Form, seen: int, cleared: str | None) -> ChangeResult:
    row = find_virtual(edit.snapshot, row_id)
    after = form.merged(row.virtual)
    path = ("virtual", row.position)
    if form.errors:
        raise Refused((), path)
    conflict = Conflict(ObjectKind.VIRTUAL, row_id, seen, row.virtual, edit.snapshot.serial_no)
    refuse_stale(form, row.changed_serial, conflict)
    if cleared is not None:
        nothing: dict[str, Any] = {cleared: None}
        after = replace(after, **nothing)
    edit.set_virtual(row_id, after)
    return ChangeResult(changed(row.virtual.name, row.virtual, after), path)


def _page(
    row: VirtualRow,
    form: Form,
    serial_no: int,
    code: int = 200,
    *,
    refused: list[str] | None = None,
    elsewhere: list[str] | None = None,
    trial: Trial | None = None,
) -> Response:
    boxes = form.boxes()
    page = render_template(
        "config/monitoring_scripts.html",
        row=row,
        stylesheet_url=stylesheet_url(),
        form=form,
        boxes=boxes,
        texts=[_text(row, boxes[name], button) for name, button in CLEAR_BUTTONS.items()],
        secrets={name: _text(row, boxes[name], button) for name, button in _secret_buttons(row).items()},
        field_kinds=FIELD_KINDS,
        explained=[(word, word or PIRANHA, sentence) for word, sentence in EXPLAINED],
        request_groups=REQUEST_GROUPS,
        always_groups=ALWAYS_GROUPS,
        trial=trial,
        serial_no=serial_no,
        refused=refused or [],
        elsewhere=elsewhere or [],
    )
    return make_response(page, code)


def _secret_buttons(row: VirtualRow) -> dict[str, str]:
    """Return the clear buttons of the texts that are not shown; the one of ``also_check`` only if it is one."""
    return {
        name: button
        for name, button in SECRET_BUTTONS.items()
        if name != "also_check" or has_secret(row.virtual.also_check)
    }


def _text(row: VirtualRow, box: FormField, button: str) -> tuple[str, FormField, str | None, str]:
    """Return label, box, current text as it may be shown, and clear button of a text that is replaced."""
    held: str | None = getattr(row.virtual, box.name)
    shown = None if held is None else covered(box.name, held)
    return box.label, replace(box, label="Replacement text"), shown, button
