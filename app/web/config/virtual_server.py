"""EDIT VIRTUAL SERVER: one virtual server's own settings."""

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.accept.accept import ChangeResult, NotSaved, Refused, config_of
from app.lvs.model.config import Config
from app.store import Edit, Gone, ObjectKind, VirtualRow
from app.web.change.answer import save, seen_serial
from app.web.change.conflict import Conflict, find_virtual, gone_page, refuse_stale
from app.web.change.findings import place_findings, place_refusal
from app.web.change.summary import changed
from app.web.forms.check_fields import VIRTUAL_GROUPS
from app.web.forms.form import Form
from app.web.forms.pages import virtual_inputs
from app.web.frame import current
from app.web.live.graphs import service_graphs

blueprint = Blueprint("virtual_server", __name__)


@blueprint.route("/virtual/<int(max=2147483647):row_id>", methods=["GET", "POST"])
def page(row_id: int) -> Response:
    """Show a virtual server; ACCEPT saves it, CANCEL goes back to the list."""
    if request.form.get("vev_action") == "CANCEL":
        return redirect(url_for("virtual_servers.page", selected=row_id), 303)
    snapshot = current.store().snapshot()
    config = config_of(snapshot)
    try:
        row = find_virtual(snapshot, row_id)
    except Gone as gone:
        return gone_page(gone)
    if request.method == "GET":
        form = Form.showing(virtual_inputs(row.virtual), row.virtual)
        elsewhere = place_findings(config, ("virtual", row.position), form)
        return _page(config, row, form, snapshot.serial_no, elsewhere=elsewhere)
    seen = seen_serial()
    form = Form.submitted(virtual_inputs(row.virtual), request.form)

    def again(refusal: Refused | NotSaved) -> Response:
        refused, code = place_refusal(config, refusal, form)
        return _page(config, row, form, seen, code, refused=refused)

    return save(
        lambda edit: _change(edit, row_id, form, seen),
        back=lambda _: url_for("virtual_server.page", row_id=row_id),
        again=again,
        form=form,
    )


def _change(edit: Edit, row_id: int, form: Form, seen: int) -> ChangeResult:
    row = find_virtual(edit.snapshot, row_id)
    after = form.merged(row.virtual)
    path = ("virtual", row.position)
    if form.errors:
        raise Refused((), path)
    conflict = Conflict(ObjectKind.VIRTUAL, row_id, seen, row.virtual, edit.snapshot.serial_no)
    refuse_stale(form, row.changed_serial, conflict)
    edit.set_virtual(row_id, after)
    return ChangeResult(changed(row.virtual.name, row.virtual, after), path)


def _page(
    config: Config,
    row: VirtualRow,
    form: Form,
    serial_no: int,
    code: int = 200,
    *,
    refused: list[str] | None = None,
    elsewhere: list[str] | None = None,
) -> Response:
    page = render_template(
        "config/virtual_server.html",
        row=row,
        form=form,
        groups=VIRTUAL_GROUPS,
        graphs=service_graphs(row.virtual),
        serial_no=serial_no,
        refused=refused or [],
        elsewhere=elsewhere or [],
    )
    return make_response(page, code)
