"""CONTROL/MONITORING: what pulse does and what the kernel holds. Reads only; nothing is decided here."""

from typing import Any

from flask import Blueprint, render_template, request, url_for

from app.lvs.ipvsadm_tables import OPTIONS, TABLES
from app.web import current
from app.web.event_words import event_badge
from app.web.routing_table import choose, local_address
from app.web.server_health import HealthView
from app.web.watch import Watch, read_watch

blueprint = Blueprint("monitoring", __name__)


@blueprint.get("/")
@blueprint.get("/control")
def page() -> str:
    """Show the page."""
    return render_template("control.html", **_content())


@blueprint.get("/control/table")
def table() -> str:
    """Show the part of the page that changes, for static/live.js to lay over the one on the page."""
    return render_template("_table.html", **_content())


def _content() -> dict[str, Any]:
    watch = read_watch(request.args)
    seen = current.pulse()
    report = seen.report
    return {
        "watch": watch,
        "report": report,
        "silence": seen.silence,
        "age_s": report["now"] - report["table_read_at"] + seen.age_s if report else None,
        "raw_options": OPTIONS,
        "raw_lines": list(TABLES[watch.raw](report)) if report and watch.view == "raw" else (),
        "shown": choose(report["services"], watch.filter, watch.page) if report else None,
        "local_address": local_address,
        "health": HealthView(report),
        "event_badge": event_badge,
        "lvs_cf": current.settings().lvs_cf,
        "virtual_ids": _virtual_ids(report["applied"]["serial_no"]) if report and report["applied"] else (),
        "link": lambda **changed: _link(watch, **changed),
    }


def _virtual_ids(applied_serial: int) -> tuple[int, ...]:
    """Return the ids of the virtual servers by their index in the file, where that is the file pulse applied."""
    snapshot = current.store().snapshot()
    return tuple(row.id for row in snapshot.virtual) if snapshot.serial_no == applied_serial else ()


def _link(watch: Watch, **changed: str | int) -> str:
    """Return the address of this page with the choices of `watch` but for `changed`."""
    chosen: dict[str, Any] = {"rate": watch.rate_s}
    if watch.auto_update:
        chosen["auto_update"] = 1
    if watch.filter:
        chosen["filter"] = watch.filter
    if watch.view != "table":
        chosen["view"] = watch.view
    if watch.raw != "plain":
        chosen["raw"] = watch.raw
    return url_for("monitoring.page", **{**chosen, **changed})
