"""GLOBAL SETTINGS: the router's own addresses, time-outs, and the network type."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from flask import Blueprint, request
from werkzeug.wrappers import Response

from app.lvs.keywords.table import effective
from app.lvs.model.config import Config
from app.lvs.model.values import Network
from app.lvs.rules.notifications import NOTIFICATION_KEYS
from app.store import Edit, Snapshot
from app.web.config.edit_page import EditedBlock, EditPage, ShownForm, edited_globals
from app.web.forms.form import Form
from app.web.forms.inputs import Input
from app.web.forms.pages import NETWORKS, global_inputs
from app.web.frame.current import current
from app.web.status.machine import own_address

NETWORK_OF_BUTTON = {label: Network(word) for word, label in NETWORKS}
ANNOUNCEMENT_KEYS = ("announce_again", "announce_every", "probe_duplicates")

blueprint = Blueprint("global_settings", __name__)


@blueprint.route("/global", methods=["GET", "POST"])
def page() -> Response:
    """Show the global settings; ACCEPT and the network type buttons save them."""
    return GlobalSettingsPage().respond()


class GlobalSettingsPage(EditPage[Config]):
    """The form over the settings outside every block."""

    template = "config/global_settings.html"

    def __init__(self) -> None:
        self._pressed = NETWORK_OF_BUTTON.get(request.form.get("network", ""))

    def find(self, snapshot: Snapshot) -> EditedBlock[Config]:
        return edited_globals(snapshot, "global settings")

    def inputs(self, block: Config) -> Sequence[Input]:
        is_nat = effective(block, "network") is Network.NAT
        return global_inputs(with_nat=is_nat or request.method == "POST")

    def change(self, before: Config, form: Form) -> Config:
        after = form.merged(before)
        if after.primary_private is None and before.primary_private is not None:
            # lvs.cf has no private address of the backup without one of the primary
            after = replace(after, backup_private=None)
        return after if self._pressed is None else replace(after, network=self._pressed)

    def store(self, edit: Edit, after: Config) -> None:
        edit.set_globals(after)

    def context(self, shown: ShownForm[Config]) -> dict[str, Any]:
        config, form = shown.config, shown.form
        if request.method != "POST" and config.primary is None:
            _suggest_own_address(form)
        is_nat = (self._pressed or effective(config, "network")) is Network.NAT
        return {
            "form": _with_nat(form, config) if is_nat else form,
            "current_type": effective(config, "network"),
            "is_nat": is_nat,
            "network_buttons": list(NETWORK_OF_BUTTON),
            "is_open": {"told": _is_used(form, NOTIFICATION_KEYS), "announced": _is_used(form, ANNOUNCEMENT_KEYS)},
        }


def _suggest_own_address(form: Form) -> None:
    own = own_address(current.pulse.part().report, request.host.rpartition(":")[0] or request.host)
    if own is not None and not form.texts.get("primary"):
        form.texts["primary"] = str(own)


def _is_used(form: Form, names: Iterable[str]) -> bool:
    """Return whether one of these fields has a value or a message, so that it must be visible."""
    return any(
        form.texts.get(name, "") not in ("", "0") or form.errors.get(name) or form.warnings.get(name)
        for name in names
    )


def _with_nat(form: Form, config: Config) -> Form:
    """Return `form` with the fields of the NAT router, which the page it was sent from may not have had."""
    shown = Form.showing(global_inputs(with_nat=True), config)
    return Form(shown.inputs, shown.texts | form.texts, shown.opened | form.opened, form.errors, form.warnings)
