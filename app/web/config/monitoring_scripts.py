"""MONITORING SCRIPTS: how the real servers of one virtual server are checked."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from app.lvs.keywords.secret_keys import covered, has_secret
from app.lvs.model.config import VirtualServer
from app.store import Edit, Snapshot, VirtualRow
from app.web.change.conflict import find_virtual
from app.web.config.check_stylesheet import stylesheet_url
from app.web.config.check_test import Trial, try_checks
from app.web.config.edit_page import EditedBlock, EditPage, ShownForm, edited_virtual
from app.web.forms.check_fields import ALWAYS_GROUPS, EXPLAINED, FIELD_KINDS, PIRANHA, REQUEST_GROUPS
from app.web.forms.field import FormField
from app.web.forms.form import Form
from app.web.forms.inputs import Input
from app.web.forms.pages import CLEAR_BUTTONS, SECRET_BUTTONS, script_inputs

CLEARED_BY = {button: name for name, button in (CLEAR_BUTTONS | SECRET_BUTTONS).items()}

blueprint = Blueprint("monitoring_scripts", __name__)


@blueprint.route("/virtual/<int(max=2147483647):row_id>/scripts", methods=["GET", "POST"])
def page(row_id: int) -> Response:
    """Show how the servers are checked; ACCEPT saves the form, a clear button removes one text.

    TEST NOW runs the checks with the settings on the page, and saves nothing.
    """
    if request.form.get("gen_service") == "CANCEL":
        return redirect(url_for("virtual_server.page", row_id=row_id), 303)
    return MonitoringScriptsPage(row_id).respond()


class MonitoringScriptsPage(EditPage[VirtualServer]):
    """The form over the keys of a virtual server that say how its servers are checked."""

    template = "config/monitoring_scripts.html"

    def __init__(self, row_id: int) -> None:
        self._row_id = row_id
        self._action = request.form.get("gen_service", "")
        self._trial: Trial | None = None

    def find(self, snapshot: Snapshot) -> EditedBlock[VirtualServer]:
        return edited_virtual(snapshot, self._row_id)

    def inputs(self, block: VirtualServer) -> Sequence[Input]:
        return script_inputs(block)

    def submit(self, sent: ShownForm[VirtualServer]) -> Response:
        if self._action != "TEST NOW":
            return super().submit(sent)
        typed = sent.form.merged(sent.edited.block)
        if sent.form.errors:
            return self.show(sent, 422)
        self._trial = try_checks(sent.config, typed, is_saved=typed == sent.edited.block)
        return self.show(sent)

    def change(self, before: VirtualServer, form: Form) -> VirtualServer:
        after = form.merged(before)
        cleared: dict[str, Any] = {name: None for button, name in CLEARED_BY.items() if button == self._action}
        return replace(after, **cleared)

    def store(self, edit: Edit, after: VirtualServer) -> None:
        edit.set_virtual(self._row_id, after)

    def context(self, shown: ShownForm[VirtualServer]) -> dict[str, Any]:
        row = find_virtual(shown.snapshot, self._row_id)
        boxes = shown.form.boxes()
        return {
            "row": row,
            "boxes": boxes,
            "texts": [_text(row, boxes[name], button) for name, button in CLEAR_BUTTONS.items()],
            "secrets": {name: _text(row, boxes[name], button) for name, button in _secret_buttons(row).items()},
            "stylesheet_url": stylesheet_url(),
            "field_kinds": FIELD_KINDS,
            "explained": [(word, word or PIRANHA, sentence) for word, sentence in EXPLAINED],
            "request_groups": REQUEST_GROUPS,
            "always_groups": ALWAYS_GROUPS,
            "trial": self._trial,
        }


def _secret_buttons(row: VirtualRow) -> dict[str, str]:
    """Return the clear buttons of hidden texts; that of ``also_check`` only if it contains a secret."""
    return {
        name: button
        for name, button in SECRET_BUTTONS.items()
        if name != "also_check" or has_secret(row.virtual.also_check)
    }


def _text(row: VirtualRow, box: FormField, button: str) -> tuple[str, FormField, str | None, str]:
    """Return label, field, displayable current text and clear button of a text."""
    held: str | None = getattr(row.virtual, box.name)
    shown = None if held is None else covered(box.name, held)
    return box.label, replace(box, label="Replacement text"), shown, button
