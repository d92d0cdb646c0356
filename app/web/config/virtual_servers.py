"""VIRTUAL SERVERS: the list, ADD, DELETE (which asks), EDIT and (DE)ACTIVATE."""

from dataclasses import dataclass, replace
from ipaddress import IPv4Address

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.accept.accept import Accepted, ChangeResult, NotSaved, Refused, config_of
from app.lvs.keywords.table import added, effective
from app.lvs.model.config import VirtualServer
from app.lvs.model.keyword import BlockKind
from app.lvs.model.values import Floating
from app.store import Edit, Gone, Snapshot, VirtualRow
from app.web.change.answer import save, seen_serial
from app.web.change.conflict import find_virtual, gone_page
from app.web.change.findings import place_findings, place_refusal
from app.web.change.undo import offered_undo
from app.web.config.advice import list_advice
from app.web.config.kernel_state import InKernel, KernelView
from app.web.config.selected_row import Selected, preselected, selected_row
from app.web.frame import current
from app.web.status.machine import first_device

NEW_NAME = "[server_name]"
CHANGED = "It was changed since this page was opened. Look again before you delete it."

blueprint = Blueprint("virtual_servers", __name__)


@dataclass(frozen=True, slots=True)
class VirtualLine:
    """A row of the table."""

    row: VirtualRow
    port: int
    protocol: str
    in_kernel: InKernel


@blueprint.get("/virtual")
def page() -> Response:
    """Show the virtual servers."""
    return _page(current.store().snapshot())


@blueprint.post("/virtual")
def act() -> Response:
    """Do what the pressed button says to the chosen row."""
    action = request.form.get("virtual_service", "")
    if action == "ADD":
        return _add()
    chosen = selected_row()
    if chosen is None:
        flash("No virtual server is chosen: choose a row of the table first, or ADD one.", "error")
        return redirect(url_for("virtual_servers.page"), 303)
    if action == "EDIT":
        return redirect(url_for("virtual_server.page", row_id=chosen.row_id), 303)
    if action == "DELETE":
        return redirect(url_for("virtual_servers.delete", row_id=chosen.row_id), 303)
    if action != "(DE)ACTIVATE":
        abort(400)
    return save(
        lambda edit: _toggle(edit, chosen),
        back=lambda _: url_for("virtual_servers.page", selected=chosen.row_id),
        again=lambda refusal: _refused(refusal, chosen.row_id),
    )


@blueprint.route("/virtual/<int(max=2147483647):row_id>/delete", methods=["GET", "POST"])
def delete(row_id: int) -> Response:
    """Ask, then delete a virtual server with its real servers."""
    if request.method == "GET":
        return _confirm(row_id, [], 200)
    seen = seen_serial()
    row = current.store().snapshot().find_virtual(row_id)
    if row is not None and max([row.changed_serial, *(server.changed_serial for server in row.servers)]) > seen:
        return _confirm(row_id, [CHANGED], 409)

    def again(refusal: Refused | NotSaved) -> Response:
        refused, code = place_refusal(config_of(current.store().snapshot()), refusal)
        return _confirm(row_id, refused, code)

    return save(
        lambda edit: _delete(edit, row_id),
        back=lambda accepted: url_for("virtual_servers.page", undo=accepted.serial_no if accepted else None),
        again=again,
    )


def _add() -> Response:
    made: list[int] = []
    device = f"{current.device_names().shared_name(first_device(current.pulse_part().report))}:1"

    def change(edit: Edit) -> ChangeResult:
        values = added(BlockKind.VIRTUAL) | {"address": Floating(IPv4Address("0.0.0.0"), device)}
        made.append(edit.add_virtual(VirtualServer(name=NEW_NAME, **values)))
        return ChangeResult(f"{NEW_NAME}: virtual server added", ("virtual", len(edit.snapshot.virtual)))

    def back(accepted: Accepted | None) -> str:
        flash(f"{NEW_NAME} stands at the end of the list, down. EDIT it: its name, its virtual IP.", "info")
        return url_for("virtual_servers.page", selected=made[-1])

    return save(change, back=back, again=lambda refusal: _refused(refusal, None))


def _toggle(edit: Edit, chosen: Selected) -> ChangeResult:
    """Set the status to the other one than the person saw, so that pressing twice does it once."""
    row = find_virtual(edit.snapshot, chosen.row_id)
    becomes_active = not chosen.was_active
    edit.set_virtual(row.id, replace(row.virtual, active=becomes_active))
    summary = f"{row.virtual.name}: {'activated' if becomes_active else 'deactivated'}"
    return ChangeResult(summary, ("virtual", row.position) if becomes_active else None)


def _delete(edit: Edit, row_id: int) -> ChangeResult:
    row = find_virtual(edit.snapshot, row_id)
    edit.delete_virtual(row.id)
    return ChangeResult(f"{row.virtual.name}: virtual server deleted", None)


def _refused(refusal: Refused | NotSaved, selected: int | None) -> Response:
    snapshot = current.store().snapshot()
    refused, code = place_refusal(config_of(snapshot), refusal)
    return _page(snapshot, refused, code, selected)


def _page(
    snapshot: Snapshot, refused: list[str] | None = None, code: int = 200, selected: int | None = None
) -> Response:
    config = config_of(snapshot)
    view = KernelView(config, current.pulse(snapshot.serial_no))
    rows = snapshot.virtual
    page = render_template(
        "config/virtual_servers.html",
        lines=[
            VirtualLine(
                row, effective(row.virtual, "port"), effective(row.virtual, "protocol"), view.virtual(index)
            )
            for index, row in enumerate(rows)
        ],
        selected=preselected([row.id for row in rows], selected),
        serial_no=snapshot.serial_no,
        refused=refused or [],
        elsewhere=place_findings(config, ()),
        advice=list_advice(snapshot, config),
        undo=offered_undo(),
    )
    return make_response(page, code)


def _confirm(row_id: int, refused: list[str], code: int) -> Response:
    snapshot = current.store().snapshot()
    try:
        row = find_virtual(snapshot, row_id)
    except Gone as gone:
        return gone_page(gone)
    seen = current.pulse_part([row.position], snapshot.serial_no)
    page = render_template(
        "config/delete_virtual.html",
        row=row,
        in_kernel=KernelView(config_of(snapshot), seen).virtual(row.position),
        serial_no=snapshot.serial_no,
        refused=refused,
    )
    return make_response(page, code)
