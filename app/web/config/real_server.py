"""EDIT REAL SERVER: one real server's settings."""

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.accept.accept import ChangeResult, NotSaved, Refused, config_of
from app.lvs.model.config import Config
from app.store import Edit, Gone, ObjectKind
from app.web.change.answer import save, seen_serial
from app.web.change.conflict import Conflict, ServerPlace, find_server, gone_page, refuse_stale
from app.web.change.findings import place_findings, place_refusal
from app.web.change.summary import changed
from app.web.forms.form import Form
from app.web.forms.pages import SERVER_INPUTS
from app.web.frame import current
from app.web.live.graphs import server_graphs

blueprint = Blueprint("real_server", __name__)


@blueprint.route(
    "/virtual/<int(max=2147483647):row_id>/real/<int(max=2147483647):server_id>", methods=["GET", "POST"]
)
def page(row_id: int, server_id: int) -> Response:
    """Show a real server; ACCEPT saves it, CANCEL goes back to the list."""
    if request.form.get("edit_action") == "CANCEL":
        return redirect(url_for("real_servers.page", row_id=row_id, selected=server_id), 303)
    snapshot = current.store().snapshot()
    config = config_of(snapshot)
    try:
        place = find_server(snapshot, row_id, server_id)
    except Gone as gone:
        return gone_page(gone)
    if request.method == "GET":
        form = Form.showing(SERVER_INPUTS, place.row.server)
        path = ("virtual", place.virtual.position, "server", place.index)
        return _page(config, place, form, snapshot.serial_no, elsewhere=place_findings(config, path, form))
    seen = seen_serial()
    form = Form.submitted(SERVER_INPUTS, request.form)

    def again(refusal: Refused | NotSaved) -> Response:
        refused, code = place_refusal(config, refusal, form)
        return _page(config, place, form, seen, code, refused=refused)

    return save(
        lambda edit: _change(edit, row_id, server_id, form, seen),
        back=lambda _: url_for("real_server.page", row_id=row_id, server_id=server_id),
        again=again,
        form=form,
    )


def _change(edit: Edit, row_id: int, server_id: int, form: Form, seen: int) -> ChangeResult:
    place = find_server(edit.snapshot, row_id, server_id)
    server = place.row.server
    after = form.merged(server)
    path = ("virtual", place.virtual.position, "server", place.index)
    if form.errors:
        raise Refused((), path)
    conflict = Conflict(ObjectKind.SERVER, server_id, seen, server, edit.snapshot.serial_no)
    refuse_stale(form, place.row.changed_serial, conflict)
    edit.set_server(server_id, after)
    return ChangeResult(changed(f"{place.virtual.virtual.name}: real server {server.name}", server, after), path)


def _page(
    config: Config,
    place: ServerPlace,
    form: Form,
    serial_no: int,
    code: int = 200,
    *,
    refused: list[str] | None = None,
    elsewhere: list[str] | None = None,
) -> Response:
    page = render_template(
        "config/real_server.html",
        place=place,
        form=form,
        graphs=server_graphs(config, place.virtual.virtual, place.row.server),
        serial_no=serial_no,
        refused=refused or [],
        elsewhere=elsewhere or [],
    )
    return make_response(page, code)
