"""REAL SERVER: the real servers of one virtual server, ADD, DELETE (which asks), EDIT, (DE)ACTIVATE,
and beyond Piranha DRAIN, MAINTENANCE, READY and TEST NOW."""

from dataclasses import dataclass, replace

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.accept.accept import Accepted, ChangeResult, NotSaved, Refused, config_of
from app.lvs.keywords.table import added, effective
from app.lvs.model.config import RealServer
from app.lvs.model.keyword import BlockKind
from app.lvs.model.values import AdminState
from app.store import Edit, Gone, ServerRow, Snapshot
from app.web.change.answer import save, seen_serial
from app.web.change.conflict import find_server, find_virtual, gone_page
from app.web.change.findings import place_findings, place_refusal
from app.web.change.undo import offered_undo
from app.web.config.admin_state import Order, give
from app.web.config.check_test import Trial, try_checks
from app.web.config.kernel_state import InKernel, KernelView
from app.web.config.selected_row import Selected, preselected, selected_row
from app.web.frame import current
from app.web.status.server_health import ServerHealth

NEW_NAME = "[unnamed]"
CHANGED = "It was changed since this page was opened. Look again before you delete it."

blueprint = Blueprint("real_servers", __name__)


@dataclass(frozen=True, slots=True)
class ServerLine:
    """A row of the table."""

    row: ServerRow
    weight: int
    in_kernel: InKernel
    health: ServerHealth


@blueprint.get("/virtual/<int(max=2147483647):row_id>/real")
def page(row_id: int) -> Response:
    """Show the real servers of a virtual server."""
    return _page(current.store().snapshot(), row_id)


@blueprint.post("/virtual/<int(max=2147483647):row_id>/real")
def act(row_id: int) -> Response:
    """Do what the pressed button says to the chosen row."""
    if "test" in request.form:
        return _test(row_id)
    action = request.form.get("real_service", "")
    if action == "CANCEL":
        return redirect(url_for("virtual_server.page", row_id=row_id), 303)
    if action == "ADD":
        return _add(row_id)
    chosen = selected_row()
    if chosen is None:
        flash("No real server is chosen: choose a row of the table first, or ADD one.", "error")
        return redirect(url_for("real_servers.page", row_id=row_id), 303)
    if action == "EDIT":
        return redirect(url_for("real_server.page", row_id=row_id, server_id=chosen.row_id), 303)
    if action == "DELETE":
        return redirect(url_for("real_servers.delete", row_id=row_id, server_id=chosen.row_id), 303)
    if action in ("DRAIN", "MAINTENANCE"):
        return redirect(
            url_for("admin_state.page", row_id=row_id, server_id=chosen.row_id, to=action.lower()), 303
        )
    if action not in ("(DE)ACTIVATE", "READY"):
        abort(400)
    order = Order(AdminState.READY)
    return save(
        lambda edit: (
            give(edit, row_id, chosen.row_id, order) if action == "READY" else _toggle(edit, row_id, chosen)
        ),
        back=lambda _: url_for("real_servers.page", row_id=row_id, selected=chosen.row_id),
        again=lambda refusal: _refused(refusal, row_id, chosen.row_id),
    )


@blueprint.route(
    "/virtual/<int(max=2147483647):row_id>/real/<int(max=2147483647):server_id>/delete", methods=["GET", "POST"]
)
def delete(row_id: int, server_id: int) -> Response:
    """Ask, then delete a real server."""
    if request.method == "GET":
        return _confirm(row_id, server_id, [], 200)
    seen = seen_serial()
    row = next((row for row in _servers(row_id) if row.id == server_id), None)
    if row is not None and row.changed_serial > seen:
        return _confirm(row_id, server_id, [CHANGED], 409)

    def again(refusal: Refused | NotSaved) -> Response:
        refused, code = place_refusal(config_of(current.store().snapshot()), refusal)
        return _confirm(row_id, server_id, refused, code)

    return save(
        lambda edit: _delete(edit, row_id, server_id),
        back=lambda accepted: url_for(
            "real_servers.page", row_id=row_id, undo=accepted.serial_no if accepted else None
        ),
        again=again,
    )


def _test(row_id: int) -> Response:
    """Run the checks of the server whose TEST NOW was pressed, as they are configured."""
    server_id = request.form.get("test", type=int)
    snapshot = current.store().snapshot()
    try:
        place = find_server(snapshot, row_id, server_id or 0)
    except Gone as gone:
        return gone_page(gone)
    trial = try_checks(config_of(snapshot), place.virtual.virtual, place.index)
    return _page(snapshot, row_id, selected=server_id, trial=trial)


def _servers(row_id: int) -> tuple[ServerRow, ...]:
    virtual = current.store().snapshot().find_virtual(row_id)
    return virtual.servers if virtual else ()


def _add(row_id: int) -> Response:
    made: list[int] = []

    def change(edit: Edit) -> ChangeResult:
        virtual = find_virtual(edit.snapshot, row_id)
        made.append(edit.add_server(row_id, RealServer(name=NEW_NAME, **added(BlockKind.SERVER))))
        path = ("virtual", virtual.position, "server", len(virtual.servers))
        return ChangeResult(f"{virtual.virtual.name}: real server {NEW_NAME} added", path)

    def back(accepted: Accepted | None) -> str:
        flash(f"{NEW_NAME} stands at the end of the list, down. EDIT it to give it its name and address.", "info")
        return url_for("real_servers.page", row_id=row_id, selected=made[-1])

    return save(change, back=back, again=lambda refusal: _refused(refusal, row_id, None))


def _toggle(edit: Edit, row_id: int, chosen: Selected) -> ChangeResult:
    """Set the status to the other one than the person saw, so that pressing twice does it once."""
    place = find_server(edit.snapshot, row_id, chosen.row_id)
    becomes_active = not chosen.was_active
    server = place.row.server
    edit.set_server(chosen.row_id, replace(server, active=becomes_active))
    done = "activated" if becomes_active else "deactivated"
    path = ("virtual", place.virtual.position, "server", place.index)
    summary = f"{place.virtual.virtual.name}: real server {server.name} {done}"
    return ChangeResult(summary, path if becomes_active else None)


def _delete(edit: Edit, row_id: int, server_id: int) -> ChangeResult:
    place = find_server(edit.snapshot, row_id, server_id)
    edit.delete_server(server_id)
    return ChangeResult(f"{place.virtual.virtual.name}: real server {place.row.server.name} deleted", None)


def _refused(refusal: Refused | NotSaved, row_id: int, selected: int | None) -> Response:
    snapshot = current.store().snapshot()
    refused, code = place_refusal(config_of(snapshot), refusal)
    return _page(snapshot, row_id, refused, code, selected)


def _page(
    snapshot: Snapshot,
    row_id: int,
    refused: list[str] | None = None,
    code: int = 200,
    selected: int | None = None,
    trial: Trial | None = None,
) -> Response:
    try:
        virtual = find_virtual(snapshot, row_id)
    except Gone as gone:
        return gone_page(gone)
    config = config_of(snapshot)
    view = KernelView(config, current.pulse_part([virtual.position], snapshot.serial_no))
    page = render_template(
        "config/real_servers.html",
        virtual=virtual,
        lines=[
            ServerLine(
                row,
                effective(row.server, "weight"),
                view.server(virtual.position, index),
                view.health(virtual.position, index),
            )
            for index, row in enumerate(virtual.servers)
        ],
        selected=preselected([row.id for row in virtual.servers], selected),
        serial_no=snapshot.serial_no,
        refused=refused or [],
        elsewhere=place_findings(config, ()),
        undo=offered_undo(),
        trial=trial,
    )
    return make_response(page, code)


def _confirm(row_id: int, server_id: int, refused: list[str], code: int) -> Response:
    snapshot = current.store().snapshot()
    try:
        place = find_server(snapshot, row_id, server_id)
    except Gone as gone:
        return gone_page(gone)
    seen = current.pulse_part([place.virtual.position], snapshot.serial_no)
    view = KernelView(config_of(snapshot), seen)
    page = render_template(
        "config/delete_real.html",
        place=place,
        in_kernel=view.server(place.virtual.position, place.index),
        serial_no=snapshot.serial_no,
        refused=refused,
    )
    return make_response(page, code)
