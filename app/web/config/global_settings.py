"""GLOBAL SETTINGS: the router's own addresses, time-outs, and the network type."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from flask import Blueprint, make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from app.accept.accept import ChangeResult, NotSaved, Refused, config_of
from app.lvs.keywords.table import effective
from app.lvs.model.config import Config
from app.lvs.model.values import Network
from app.lvs.rules.notifications import NOTIFICATION_KEYS
from app.store import Edit, ObjectKind
from app.web.change.answer import save, seen_serial
from app.web.change.conflict import Conflict, refuse_stale
from app.web.change.findings import place_findings, place_refusal
from app.web.change.summary import changed
from app.web.forms.form import Form
from app.web.forms.pages import NETWORKS, global_inputs
from app.web.frame import current
from app.web.status.machine import own_address

NETWORK_OF_BUTTON = {label: Network(word) for word, label in NETWORKS}
ANNOUNCEMENT_KEYS = ("announce_again", "announce_every", "probe_duplicates")

blueprint = Blueprint("global_settings", __name__)


@blueprint.route("/global", methods=["GET", "POST"])
def page() -> Response:
    """Show the global settings; ACCEPT and the network type buttons save them."""
    snapshot = current.store().snapshot()
    config = config_of(snapshot)
    if request.method == "GET":
        form = Form.showing(_inputs(effective(config, "network")), config)
        elsewhere = place_findings(config, (), form)
        return _page(config, form, snapshot.serial_no, effective(config, "network"), elsewhere=elsewhere)
    seen = seen_serial()
    form = Form.submitted(_inputs(Network.NAT), request.form)
    network = NETWORK_OF_BUTTON.get(request.form.get("network", ""))

    def again(refusal: Refused | NotSaved) -> Response:
        refused, code = place_refusal(config, refusal, form)
        wanted = network or effective(config, "network")
        return _page(config, form, seen, wanted, code, refused=refused)

    return save(
        lambda edit: _change(edit, form, seen, network),
        back=lambda _: url_for("global_settings.page"),
        again=again,
        form=form,
    )


def _inputs(network: Network) -> Any:
    return global_inputs(with_nat=network is Network.NAT)


def _change(edit: Edit, form: Form, seen: int, network: Network | None) -> ChangeResult:
    before = config_of(edit.snapshot)
    after = form.merged(before)
    if form.errors:
        raise Refused((), ())
    conflict = Conflict(ObjectKind.GLOBALS, 0, seen, before, edit.snapshot.serial_no)
    refuse_stale(form, edit.snapshot.globals_changed_serial, conflict)
    if after.primary_private is None and before.primary_private is not None:
        # lvs.cf has no private address of the backup without one of the primary
        after = replace(after, backup_private=None)
    if network is not None:
        after = replace(after, network=network)
    edit.set_globals(after)
    return ChangeResult(changed("global settings", before, after), ())


def _page(
    config: Config,
    form: Form,
    serial_no: int,
    network: Network,
    code: int = 200,
    *,
    refused: list[str] | None = None,
    elsewhere: list[str] | None = None,
) -> Response:
    """Show the form; `network` says whether the NAT router is asked for."""
    report = current.pulse_part().report
    own = own_address(report, request.host.rpartition(":")[0] or request.host)
    if config.primary is None and not form.texts.get("primary") and request.method == "GET" and own is not None:
        form.texts["primary"] = str(own)
    is_nat = network is Network.NAT
    page = render_template(
        "config/global_settings.html",
        form=form if not is_nat else _with_nat(form, config),
        serial_no=serial_no,
        current_type=effective(config, "network"),
        is_nat=is_nat,
        network_buttons=list(NETWORK_OF_BUTTON),
        refused=refused or [],
        elsewhere=elsewhere or [],
        is_open={"told": _is_used(form, NOTIFICATION_KEYS), "announced": _is_used(form, ANNOUNCEMENT_KEYS)},
    )
    return make_response(page, code)


def _is_used(form: Form, names: Iterable[str]) -> bool:
    """Return whether one of these boxes holds something or has a message, so that it has to be seen."""
    return any(
        form.texts.get(name, "") not in ("", "0") or form.errors.get(name) or form.warnings.get(name)
        for name in names
    )


def _with_nat(form: Form, config: Config) -> Form:
    """Return `form` with the boxes of the NAT router, which the page it came from may not have had."""
    shown = Form.showing(_inputs(Network.NAT), config)
    return Form(shown.inputs, shown.texts | form.texts, shown.opened | form.opened, form.errors, form.warnings)
