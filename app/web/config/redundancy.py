"""REDUNDANCY: the second router, how the two watch each other, what this one is by now, and SWITCH."""

from dataclasses import replace
from ipaddress import IPv4Address

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.accept.accept import ChangeResult, NotSaved, Refused, config_of
from app.host.control_client import ControlRefused, ControlUnreachable, ask
from app.lvs.keywords.pair_keys import PAIR_KEYWORDS
from app.lvs.keywords.table import added, effective
from app.lvs.model.config import Config
from app.lvs.model.keyword import BlockKind
from app.lvs.pair.membership import Side
from app.lvs.pair.vrrp import advert_ms, takes_over_ms
from app.lvs.reports.pair import SwitchReport
from app.store import Edit, ObjectKind
from app.web.change.answer import save, seen_serial
from app.web.change.conflict import Conflict, refuse_stale
from app.web.change.findings import place_findings, place_refusal
from app.web.change.summary import changed
from app.web.forms.form import Form
from app.web.forms.pages import redundancy_inputs
from app.web.frame import current

SWITCH_WITHIN_S = 32.0
"""Longer than pulse waits for a partner that is not ready, and then does not take over."""

blueprint = Blueprint("redundancy", __name__)


@blueprint.route("/redundancy", methods=["GET", "POST"])
def page() -> Response:
    """Show the redundancy settings; ENABLE, DISABLE, RESET and ACCEPT change them."""
    snapshot = current.store().snapshot()
    config = config_of(snapshot)
    if request.method == "GET":
        form = Form.showing(redundancy_inputs(config), config)
        return _page(config, form, snapshot.serial_no, elsewhere=place_findings(config, (), form))
    seen = seen_serial()
    form = Form.submitted(redundancy_inputs(config), request.form)

    def again(refusal: Refused | NotSaved) -> Response:
        refused, code = place_refusal(config, refusal, form)
        return _page(config, form, seen, code, refused=refused)

    return save(
        lambda edit: _change(edit, form, seen, request.form.get("redundancy_action", "")),
        back=lambda _: url_for("redundancy.page"),
        again=again,
        form=form,
    )


@blueprint.post("/redundancy/switch")
def switch() -> Response:
    """Let pulse hand the virtual IPs to the other router, and say what came of it."""
    asked = {"anyway": request.form.get("switch") == "SWITCH ANYWAY"}
    try:
        report: SwitchReport = ask(current.settings().pulse_socket, "switch", asked, SWITCH_WITHIN_S)
        flash(report["message"], "ok" if report["has_moved"] else "error")
    except (ControlUnreachable, ControlRefused) as failed:
        flash(str(failed), "error")
    return redirect(url_for("redundancy.page"), 303)


def _change(edit: Edit, form: Form, seen: int, action: str) -> ChangeResult:
    before = config_of(edit.snapshot)
    after = _after(before, form, action)
    if form.errors:
        raise Refused((), ())
    if action not in ("ENABLE", "DISABLE"):
        conflict = Conflict(ObjectKind.GLOBALS, 0, seen, before, edit.snapshot.serial_no)
        refuse_stale(form, edit.snapshot.globals_changed_serial, conflict)
    edit.set_globals(replace(after, heartbeat=True))
    return ChangeResult(changed("redundancy", before, after), ())


def _after(before: Config, form: Form, action: str) -> Config:
    if action == "ENABLE":
        return replace(before, backup_active=True)
    if action == "DISABLE":
        return replace(before, backup_active=False)
    if action == "RESET":
        first = {name: added(BlockKind.GLOBAL)[name] for name in ("keepalive", "deadtime", "heartbeat_port")}
        return replace(before, backup=IPv4Address("0.0.0.0"), backup_private=None, **first)
    return form.merged(before)


def _has_more(config: Config, form: Form) -> bool:
    """Whether one of the settings Piranha did not have is in use, or something is said about it."""
    names = {keyword.name for keyword in PAIR_KEYWORDS}
    return bool(names & (form.errors.keys() | form.warnings.keys())) or any(
        getattr(config, name) is not None for name in names
    )


def _page(
    config: Config,
    form: Form,
    serial_no: int,
    code: int = 200,
    *,
    refused: list[str] | None = None,
    elsewhere: list[str] | None = None,
) -> Response:
    page = render_template(
        "config/redundancy.html",
        form=form,
        serial_no=serial_no,
        is_active=bool(effective(config, "backup_active")),
        has_private=config.primary_private is not None,
        refused=refused or [],
        elsewhere=elsewhere or [],
        seen=current.pulse(),
        has_more=_has_more(config, form),
        takes_over_s={side.value: takes_over_ms(config, side) / 1000 for side in Side},
        interval_s=advert_ms(config) / 1000,
    )
    return make_response(page, code)
