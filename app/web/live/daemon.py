"""DAEMON: the state of pulse, LOOK AGAIN, and stopping and starting it where the service manager permits."""

from dataclasses import dataclass

from flask import (
    Blueprint,
    abort,
    current_app,
    flash,
    g,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response

from app.accept.accept import config_of
from app.accept.notify_pulse import nudge
from app.host.systemd_units import UNIT, ManagerRefused, Unit, find_unit, start, stop
from app.lvs.keywords.table import effective
from app.lvs.model.printable import plain
from app.lvs.model.values import OnStop
from app.lvs.reports.status import StatusReport
from app.web.frame.current import current

NOT_SYSTEMDS = "pulse was not started by systemd here. Stop it manually on the director, as root:"

blueprint = Blueprint("daemon", __name__)


@dataclass(frozen=True, slots=True)
class ServiceButtons:
    """What this page can do about pulse; without a button, `by_hand` and `command` say what to do instead."""

    can_start: bool = False
    can_stop: bool = False
    by_hand: str = ""
    command: str = ""


@blueprint.get("/daemon")
def page() -> str:
    """Show the page."""
    seen = current.pulse.part()
    unit = find_unit()
    return render_template(
        "live/daemon.html",
        report=seen.report,
        silence=seen.silence,
        unit=unit,
        unit_name=UNIT,
        control=_control(unit, seen.report),
    )


@blueprint.post("/daemon")
def act() -> Response:
    """Carry out the action of a button."""
    action = request.form.get("action")
    if action == "LOOK AGAIN":
        outcome = nudge(current.settings, current.store.snapshot().serial_no)
        flash(outcome.text, outcome.kind)
    elif action == "START":
        _start()
    else:
        abort(400)
    return redirect(url_for("daemon.page"), 303)


@blueprint.route("/daemon/stop", methods=["GET", "POST"])
def confirm() -> Response:
    """Show what stopping pulse does; stop it once that is confirmed."""
    unit, seen = find_unit(), current.pulse.part()
    control = _control(unit, seen.report)
    refused = ""
    if request.method == "POST":
        if request.form.get("action") != "STOP":
            abort(400)
        if control.can_stop:
            try:
                stop()
            except ManagerRefused as refusal:
                refused = f"systemd refused: {refusal}"
            else:
                _log("stopped")
                flash("pulse has been stopped.", "ok")
                return redirect(url_for("daemon.page"), 303)
    return _confirm_page(control, seen.report, refused)


def _confirm_page(control: ServiceButtons, report: StatusReport | None, refused: str) -> Response:
    snapshot = current.store.snapshot()
    applied = report["applied"] if report else None
    page = render_template(
        "live/daemon_stop.html",
        control=control,
        report=report,
        withdraws=effective(config_of(snapshot), "on_stop") is OnStop.WITHDRAW,
        is_other=applied is None or applied["serial_no"] != snapshot.serial_no,
        refused=[refused] if refused else [],
    )
    return make_response(page, 502 if refused else 200)


def _start() -> None:
    if not _control(find_unit(), current.pulse.part().report).can_start:
        flash("pulse cannot be started from here, or it is already running.", "error")
        return
    try:
        start()
    except ManagerRefused as refusal:
        flash(f"systemd refused: {refusal}", "error")
        return
    _log("started")
    flash("pulse has been started.", "ok")


def _control(unit: Unit | None, report: StatusReport | None) -> ServiceButtons:
    """Return what can be done; systemd is used only if it started the pulse that answers."""
    if report is None:
        if unit is None:
            return ServiceButtons(by_hand="Start pulse on the director, as root:", command="palometa pulse")
        if unit.pid:
            silent = f"pulse does not answer, but systemd reports it as running (process {unit.pid}). Its log:"
            return ServiceButtons(by_hand=silent, command=f"journalctl -u {UNIT}")
        return ServiceButtons(can_start=True)
    if unit is not None and unit.pid == report["pid"]:
        return ServiceButtons(can_stop=True)
    return ServiceButtons(by_hand=NOT_SYSTEMDS, command=f"kill {report['pid']}")


def _log(done: str) -> None:
    current_app.logger.warning("pulse was %s by %s from %s", done, plain(g.user.name), request.remote_addr)
