"""VIRTUAL SERVERS: the list, ADD, DELETE (which asks), EDIT and (DE)ACTIVATE."""

from dataclasses import dataclass, replace
from ipaddress import IPv4Address

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from app.accept.accept import ChangeResult, config_of
from app.lvs.keywords.table import added, effective
from app.lvs.model.config import VirtualServer
from app.lvs.model.keyword import BlockKind
from app.lvs.model.values import Floating
from app.store import Edit, Snapshot, VirtualRow
from app.web.change.conflict import find_virtual
from app.web.change.findings import place_findings
from app.web.change.undo import offered_undo
from app.web.config.advice import list_advice
from app.web.config.kernel_state import InKernel, KernelView
from app.web.config.list_page import ListPage, ListState, preselected
from app.web.frame.current import current
from app.web.status.machine import first_device

NEW_NAME = "[server_name]"

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
    return VirtualServerList().show()


@blueprint.post("/virtual")
def act() -> Response:
    """Do what the pressed button says to the selected row."""
    return VirtualServerList().act()


@blueprint.route("/virtual/<int(max=2147483647):row_id>/delete", methods=["GET", "POST"])
def delete(row_id: int) -> Response:
    """Ask, then delete a virtual server with its real servers."""
    return VirtualServerList().confirm_deletion(row_id)


class VirtualServerList(ListPage):
    """The list of the virtual servers."""

    buttons = "virtual_service"
    noun = "virtual server"
    added = f"{NEW_NAME} was added at the end of the list, deactivated. EDIT it to set its name and virtual IP."
    list_view, edit_view, delete_view = "virtual_servers.page", "virtual_server.page", "virtual_servers.delete"
    row_argument = "row_id"

    def add(self, edit: Edit) -> tuple[int, ChangeResult]:
        device = f"{current.device_names().shared_name(first_device(current.pulse.part().report))}:1"
        values = added(BlockKind.VIRTUAL) | {"address": Floating(IPv4Address("0.0.0.0"), device)}
        row_id = edit.add_virtual(VirtualServer(name=NEW_NAME, **values))
        path = ("virtual", len(edit.snapshot.virtual))
        return row_id, ChangeResult(f"{NEW_NAME}: virtual server added", path)

    def delete(self, edit: Edit, row_id: int) -> ChangeResult:
        row = find_virtual(edit.snapshot, row_id)
        edit.delete_virtual(row.id)
        return ChangeResult(f"{row.virtual.name}: virtual server deleted", None)

    def set_active(self, edit: Edit, row_id: int, *, is_active: bool) -> ChangeResult:
        row = find_virtual(edit.snapshot, row_id)
        edit.set_virtual(row.id, replace(row.virtual, active=is_active))
        summary = f"{row.virtual.name}: {'activated' if is_active else 'deactivated'}"
        return ChangeResult(summary, ("virtual", row.position) if is_active else None)

    def last_changed(self, snapshot: Snapshot, row_id: int) -> int:
        row = find_virtual(snapshot, row_id)
        return max([row.changed_serial, *(server.changed_serial for server in row.servers)])

    def render(self, snapshot: Snapshot, state: ListState) -> str:
        config = config_of(snapshot)
        view = KernelView(config, current.pulse.read(snapshot.serial_no))
        return render_template(
            "config/virtual_servers.html",
            lines=[
                VirtualLine(
                    row, effective(row.virtual, "port"), effective(row.virtual, "protocol"), view.virtual(index)
                )
                for index, row in enumerate(snapshot.virtual)
            ],
            selected=preselected([row.id for row in snapshot.virtual], state.selected),
            serial_no=snapshot.serial_no,
            refused=state.refused,
            elsewhere=place_findings(config, ()),
            advice=list_advice(snapshot, config),
            undo=offered_undo(),
        )

    def render_confirmation(self, snapshot: Snapshot, row_id: int, refused: list[str]) -> str:
        row = find_virtual(snapshot, row_id)
        seen = current.pulse.part([row.position], snapshot.serial_no)
        return render_template(
            "config/delete_virtual.html",
            row=row,
            in_kernel=KernelView(config_of(snapshot), seen).virtual(row.position),
            serial_no=snapshot.serial_no,
            refused=refused,
        )
