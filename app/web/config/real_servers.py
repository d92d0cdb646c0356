"""REAL SERVER: the real servers of one virtual server, ADD, DELETE (which asks), EDIT, (DE)ACTIVATE,
and beyond Piranha DRAIN, MAINTENANCE, READY and TEST NOW."""

from dataclasses import dataclass, replace

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.accept.accept import ChangeResult, config_of
from app.lvs.keywords.table import added, effective
from app.lvs.model.config import RealServer
from app.lvs.model.keyword import BlockKind
from app.lvs.model.values import AdminState
from app.store import Edit, Gone, ServerRow, Snapshot
from app.web.change.conflict import ServerPlace, find_server, find_virtual, gone_page
from app.web.change.findings import place_findings
from app.web.change.undo import offered_undo
from app.web.config.admin_state import Order, give
from app.web.config.check_test import Trial, try_checks
from app.web.config.kernel_state import InKernel, KernelView
from app.web.config.list_page import ListPage, ListState, Selected, preselected
from app.web.frame.current import current
from app.web.frame.request_numbers import object_id
from app.web.status.server_health import ServerHealth

NEW_NAME = "[unnamed]"

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
    return RealServerList(row_id).show()


@blueprint.post("/virtual/<int(max=2147483647):row_id>/real")
def act(row_id: int) -> Response:
    """Do what the pressed button says to the selected row."""
    if "test" in request.form:
        return RealServerList(row_id).test()
    if request.form.get("real_service") == "CANCEL":
        return redirect(url_for("virtual_server.page", row_id=row_id), 303)
    return RealServerList(row_id).act()


@blueprint.route(
    "/virtual/<int(max=2147483647):row_id>/real/<int(max=2147483647):server_id>/delete", methods=["GET", "POST"]
)
def delete(row_id: int, server_id: int) -> Response:
    """Ask, then delete a real server."""
    return RealServerList(row_id).confirm_deletion(server_id)


class RealServerList(ListPage):
    """The list of the real servers of the virtual server `virtual_id`."""

    buttons = "real_service"
    noun = "real server"
    added = f"{NEW_NAME} was added at the end of the list, deactivated. EDIT it to set its name and address."
    list_view, edit_view, delete_view = "real_servers.page", "real_server.page", "real_servers.delete"
    row_argument = "server_id"

    def __init__(self, virtual_id: int) -> None:
        super().__init__(row_id=virtual_id)
        self._virtual_id = virtual_id
        self._trial: Trial | None = None

    def act_on(self, selected: Selected, action: str) -> Response:
        row_id = selected.row_id
        if action in ("DRAIN", "MAINTENANCE"):
            to = action.lower()
            return redirect(url_for("admin_state.page", row_id=self._virtual_id, server_id=row_id, to=to), 303)
        if action == "READY":
            ready = Order(AdminState.READY)
            return self.change(selected, lambda edit: give(edit, self._virtual_id, row_id, ready))
        return super().act_on(selected, action)

    def test(self) -> Response:
        """Run the configured checks of the server whose TEST NOW was pressed."""
        server_id = request.form.get("test", type=object_id)
        snapshot = current.store.snapshot()
        try:
            place = self._find(snapshot, server_id or 0)
        except Gone as gone:
            return gone_page(gone)
        self._trial = try_checks(config_of(snapshot), place.virtual.virtual, place.index)
        return self.show(ListState(selected=server_id))

    def add(self, edit: Edit) -> tuple[int, ChangeResult]:
        virtual = find_virtual(edit.snapshot, self._virtual_id)
        row_id = edit.add_server(virtual.id, RealServer(name=NEW_NAME, **added(BlockKind.SERVER)))
        path = ("virtual", virtual.position, "server", len(virtual.servers))
        return row_id, ChangeResult(f"{virtual.virtual.name}: real server {NEW_NAME} added", path)

    def delete(self, edit: Edit, row_id: int) -> ChangeResult:
        place = self._find(edit.snapshot, row_id)
        edit.delete_server(row_id)
        return ChangeResult(f"{place.virtual.virtual.name}: real server {place.row.server.name} deleted", None)

    def set_active(self, edit: Edit, row_id: int, *, is_active: bool) -> ChangeResult:
        place = self._find(edit.snapshot, row_id)
        server = place.row.server
        edit.set_server(row_id, replace(server, active=is_active))
        done = "activated" if is_active else "deactivated"
        path = ("virtual", place.virtual.position, "server", place.index)
        summary = f"{place.virtual.virtual.name}: real server {server.name} {done}"
        return ChangeResult(summary, path if is_active else None)

    def last_changed(self, snapshot: Snapshot, row_id: int) -> int:
        return self._find(snapshot, row_id).row.changed_serial

    def render(self, snapshot: Snapshot, state: ListState) -> str:
        virtual = find_virtual(snapshot, self._virtual_id)
        config = config_of(snapshot)
        view = KernelView(config, current.pulse.part([virtual.position], snapshot.serial_no))
        return render_template(
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
            selected=preselected([row.id for row in virtual.servers], state.selected),
            serial_no=snapshot.serial_no,
            refused=state.refused,
            elsewhere=place_findings(config, ()),
            undo=offered_undo(),
            trial=self._trial,
        )

    def render_confirmation(self, snapshot: Snapshot, row_id: int, refused: list[str]) -> str:
        place = self._find(snapshot, row_id)
        seen = current.pulse.part([place.virtual.position], snapshot.serial_no)
        return render_template(
            "config/delete_real.html",
            place=place,
            in_kernel=KernelView(config_of(snapshot), seen).server(place.virtual.position, place.index),
            serial_no=snapshot.serial_no,
            refused=refused,
        )

    def _find(self, snapshot: Snapshot, row_id: int) -> ServerPlace:
        return find_server(snapshot, self._virtual_id, row_id)
