"""EDIT REAL SERVER: one real server's settings."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from app.lvs.model.config import RealServer
from app.store import Edit, ObjectKind, Snapshot
from app.web.change.conflict import find_server
from app.web.config.edit_page import EditedBlock, EditPage, ShownForm
from app.web.forms.inputs import Input
from app.web.forms.pages import SERVER_INPUTS
from app.web.live.graphs import server_graphs

blueprint = Blueprint("real_server", __name__)


@blueprint.route(
    "/virtual/<int(max=2147483647):row_id>/real/<int(max=2147483647):server_id>", methods=["GET", "POST"]
)
def page(row_id: int, server_id: int) -> Response:
    """Show a real server; ACCEPT saves it, CANCEL goes back to the list."""
    if request.form.get("edit_action") == "CANCEL":
        return redirect(url_for("real_servers.page", row_id=row_id, selected=server_id), 303)
    return RealServerPage(row_id, server_id).respond()


class RealServerPage(EditPage[RealServer]):
    """The form over a real server."""

    template = "config/real_server.html"

    def __init__(self, row_id: int, server_id: int) -> None:
        self._row_id = row_id
        self._server_id = server_id

    def find(self, snapshot: Snapshot) -> EditedBlock[RealServer]:
        place = find_server(snapshot, self._row_id, self._server_id)
        server = place.row.server
        path = ("virtual", place.virtual.position, "server", place.index)
        subject = f"{place.virtual.virtual.name}: real server {server.name}"
        return EditedBlock(ObjectKind.SERVER, self._server_id, place.row.changed_serial, server, path, subject)

    def inputs(self, block: RealServer) -> Sequence[Input]:
        return SERVER_INPUTS

    def store(self, edit: Edit, after: RealServer) -> None:
        edit.set_server(self._server_id, after)

    def context(self, shown: ShownForm[RealServer]) -> dict[str, Any]:
        place = find_server(shown.snapshot, self._row_id, self._server_id)
        return {"place": place, "graphs": server_graphs(shown.config, place.virtual.virtual, place.row.server)}
