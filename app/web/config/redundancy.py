"""REDUNDANCY: the second router, how the two watch each other, the role of this one, and SWITCH."""

from collections.abc import Sequence
from dataclasses import replace
from ipaddress import IPv4Address
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.host.control_client import ControlRefused, ControlUnreachable, ask
from app.lvs.keywords.pair_keys import PAIR_KEYWORDS
from app.lvs.keywords.table import added, effective
from app.lvs.model.config import Config
from app.lvs.model.keyword import BlockKind
from app.lvs.pair.membership import Side
from app.lvs.pair.vrrp import advert_ms, takes_over_ms
from app.lvs.reports.pair import SwitchReport
from app.store import Edit, Snapshot
from app.web.config.edit_page import EditedBlock, EditPage, ShownForm, edited_globals
from app.web.forms.form import Form
from app.web.forms.inputs import Input
from app.web.forms.pages import redundancy_inputs
from app.web.frame.current import current

FIRST_VALUES = ("keepalive", "deadtime", "heartbeat_port")
"""The keys RESET sets to what a new configuration has."""
SWITCH_WITHIN_S = 32.0
"""Longer than pulse waits for a partner that is not ready, and then does not take over."""

blueprint = Blueprint("redundancy", __name__)


@blueprint.route("/redundancy", methods=["GET", "POST"])
def page() -> Response:
    """Show the redundancy settings; ENABLE, DISABLE, RESET and ACCEPT change them."""
    return RedundancyPage().respond()


@blueprint.post("/redundancy/switch")
def switch() -> Response:
    """Let pulse hand the virtual IPs to the other router, and report the outcome."""
    asked = {"anyway": request.form.get("switch") == "SWITCH ANYWAY"}
    try:
        report: SwitchReport = ask(current.settings.pulse_socket, "switch", asked, SWITCH_WITHIN_S)
        flash(report["message"], "ok" if report["has_moved"] else "error")
    except (ControlUnreachable, ControlRefused) as failed:
        flash(str(failed), "error")
    return redirect(url_for("redundancy.page"), 303)


class RedundancyPage(EditPage[Config]):
    """The form over the keys of the pair."""

    template = "config/redundancy.html"

    def __init__(self) -> None:
        self._action = request.form.get("redundancy_action", "")

    def find(self, snapshot: Snapshot) -> EditedBlock[Config]:
        return edited_globals(snapshot, "redundancy")

    def inputs(self, block: Config) -> Sequence[Input]:
        return redundancy_inputs(block)

    def is_stale_refused(self) -> bool:
        return self._action not in ("ENABLE", "DISABLE")

    def change(self, before: Config, form: Form) -> Config:
        match self._action:
            case "ENABLE":
                return replace(before, backup_active=True)
            case "DISABLE":
                return replace(before, backup_active=False)
            case "RESET":
                first = {name: added(BlockKind.GLOBAL)[name] for name in FIRST_VALUES}
                return replace(before, backup=IPv4Address("0.0.0.0"), backup_private=None, **first)
        return form.merged(before)

    def store(self, edit: Edit, after: Config) -> None:
        edit.set_globals(replace(after, heartbeat=True))

    def context(self, shown: ShownForm[Config]) -> dict[str, Any]:
        config = shown.config
        return {
            "is_active": bool(effective(config, "backup_active")),
            "has_private": config.primary_private is not None,
            "seen": current.pulse.read(),
            "has_more": _has_more(config, shown.form),
            "takes_over_s": {side.value: takes_over_ms(config, side) / 1000 for side in Side},
            "interval_s": advert_ms(config) / 1000,
        }


def _has_more(config: Config, form: Form) -> bool:
    """Whether one of the settings Piranha did not have is in use, or has a problem."""
    names = {keyword.name for keyword in PAIR_KEYWORDS}
    return bool(names & (form.errors.keys() | form.warnings.keys())) or any(
        getattr(config, name) is not None for name in names
    )
