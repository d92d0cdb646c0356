"""EDIT VIRTUAL SERVER: one virtual server's own settings."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from app.lvs.model.config import VirtualServer
from app.store import Edit, Snapshot
from app.web.change.conflict import find_virtual
from app.web.config.edit_page import EditedBlock, EditPage, ShownForm, edited_virtual
from app.web.forms.check_fields import VIRTUAL_GROUPS
from app.web.forms.inputs import Input
from app.web.forms.pages import virtual_inputs
from app.web.live.graphs import service_graphs

blueprint = Blueprint("virtual_server", __name__)


@blueprint.route("/virtual/<int(max=2147483647):row_id>", methods=["GET", "POST"])
def page(row_id: int) -> Response:
    """Show a virtual server; ACCEPT saves it, CANCEL goes back to the list."""
    if request.form.get("vev_action") == "CANCEL":
        return redirect(url_for("virtual_servers.page", selected=row_id), 303)
    return VirtualServerPage(row_id).respond()


class VirtualServerPage(EditPage[VirtualServer]):
    """The form over a virtual server."""

    template = "config/virtual_server.html"

    def __init__(self, row_id: int) -> None:
        self._row_id = row_id

    def find(self, snapshot: Snapshot) -> EditedBlock[VirtualServer]:
        return edited_virtual(snapshot, self._row_id)

    def inputs(self, block: VirtualServer) -> Sequence[Input]:
        return virtual_inputs(block)

    def store(self, edit: Edit, after: VirtualServer) -> None:
        edit.set_virtual(self._row_id, after)

    def context(self, shown: ShownForm[VirtualServer]) -> dict[str, Any]:
        row = find_virtual(shown.snapshot, self._row_id)
        return {"row": row, "groups": VIRTUAL_GROUPS, "graphs": service_graphs(row.virtual)}
