"""CONTROL/MONITORING: what pulse does and what the kernel holds. Reads only; nothing is decided here."""

from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, abort, render_template, request, url_for

from app.lvs.reports.table import TableReport
from app.lvs.table_page.columns import OUT_COLUMNS, TABS
from app.lvs.table_page.filter import parse_filter
from app.lvs.table_page.ipvsadm_tables import OPTIONS, large
from app.lvs.table_page.query import RAWS, SAVED, QueryDocument
from app.web.frame import current
from app.web.frame.event_badges import event_badge
from app.web.frame.serial_number import serial_number
from app.web.status.server_health import shown_health
from app.web.table.bulk_targets import ACTIONS
from app.web.table.bulk_undo import offered_undo_of_many
from app.web.table.row_ids import RowIds
from app.web.table.sparklines import sparklines
from app.web.table.state_badges import state_badge
from app.web.table.view_options import VIEWS, TableOptions, read_watch

blueprint = Blueprint("monitoring", __name__)

TITLES = {
    "overview": "Overview",
    "connections": "Connections",
    "statistics": "Statistics",
    "rates": "Rates",
    "thresholds": "Thresholds",
    "timeouts": "Timeouts",
    "sync": "Sync daemons",
    "raw": "Raw",
}
RAW_OPTIONS = {**OPTIONS, SAVED: "-Sn"}
"""The options with which ipvsadm prints the same."""


@blueprint.get("/")
@blueprint.get("/control")
def page() -> str:
    """Show the page."""
    return render_template(
        "table/control.html",
        **_content(),
        actions=ACTIONS,
        undo=offered_undo_of_many(request.args.get("undo", type=serial_number)),
        query=request.query_string.decode("ascii", "replace"),
    )


@blueprint.get("/control/table")
def table() -> str:
    """Show the part of the page that changes, for static/live.js to lay over the one on the page."""
    return render_template("table/_table.html", **_content())


@blueprint.get("/control/raw/<name>.txt")
def raw(name: str) -> Response:
    """Give the whole of one of ipvsadm's tables as a text, byte for byte as ipvsadm prints it."""
    if name not in RAWS:
        abort(404)
    told = current.table(QueryDocument(raw=name, is_whole=True))
    if told.report is None:
        return Response(f"{told.silence}\n", status=503, mimetype="text/plain")
    return Response("".join(f"{line}\n" for line in told.report["raw"]), mimetype="text/plain")


def _content() -> dict[str, Any]:
    watch = read_watch(request.args)
    told = current.table(watch.question())
    report = told.report
    return {
        "watch": watch,
        "report": report,
        "silence": told.silence,
        "age_s": report["now"] - report["read_at"] + told.age_s if report else None,
        "views": [(name, TITLES[name]) for name in VIEWS],
        "raw_options": RAW_OPTIONS,
        "columns": TABS.get(watch.view, ()),
        "filter_errors": parse_filter(watch.filter).errors if watch.has_rows else (),
        "is_out_explained": report is not None and _is_out_explained(watch, report),
        "pages": -(-max(report["lines"], 1) // watch.lines_a_page) if report else 1,
        "page_shown": report["offset"] // watch.lines_a_page + 1 if report else 1,
        "ids": RowIds(report["applied"] if report else None),
        "state_badge": state_badge,
        "shown_health": shown_health,
        "listed": lambda number: large(number).strip(),
        "event_badge": event_badge,
        "lvs_cf": current.settings().lvs_cf,
        "link": lambda **changed: _link(replace(watch, page=1), **changed),
        "toggle": lambda key: url_for("monitoring.page", **watch.toggling(key).address()),
        "sorting": lambda name: _sorting(watch, name),
        "page_numbers": page_numbers,
        "sparks": _sparks(watch, report),
        "names": current.host_names() if watch.with_names else None,
    }


def _is_out_explained(watch: TableOptions, report: TableReport) -> bool:
    """Return whether a column is on the page that stays 0 in a row of it."""
    has_out = any(column.name in OUT_COLUMNS for column in TABS.get(watch.view, ()))
    return has_out and any(
        group["is_out_silent"] or any(line["forward"] in ("Route", "Tunnel") for line in group["lines"])
        for group in report["groups"]
    )


def _sparks(watch: TableOptions, report: TableReport | None) -> dict[str, str] | None:
    """Return the small graphs of the services on the page by their keys; None: this tab has none."""
    if watch.view != "overview" or watch.group != "service" or report is None:
        return None
    return sparklines([group["key"] for group in report["groups"] if group["is_in_kernel"]])


def page_numbers(page: int, pages: int) -> list[int]:
    """Return the pages to offer: the first, the last and those around `page`; 0 stands for a gap."""
    near = [number for number in range(page - 2, page + 3) if 1 <= number <= pages]
    before = [1, 0] if near[0] > 2 else list(range(1, near[0]))
    after = [0, pages] if near[-1] < pages - 1 else list(range(near[-1] + 1, pages + 1))
    return [*before, *near, *after]


def _link(watch: TableOptions, **changed: Any) -> str:
    """Return the address of this page with the choices of `watch` but for `changed`."""
    return url_for("monitoring.page", **replace(watch, **changed).address())


def _sorting(watch: TableOptions, name: str) -> tuple[str, str]:
    """Return the address that sorts by the column `name`, and how it is sorted by it now, for aria-sort.

    Numbers begin with the largest, words with the first; the third press gives ipvsadm's order back.
    """
    is_number = any(column.name == name for column in TABS.get(watch.view, ()))
    first = is_number or name == "servers"
    if watch.sort != name:
        changed: dict[str, Any] = {"sort": name, "is_descending": first}
    elif watch.is_descending is first:
        changed = {"sort": name, "is_descending": not first}
    else:
        changed = {"sort": "", "is_descending": False}
    how = ("descending" if watch.is_descending else "ascending") if watch.sort == name else ""
    return _link(replace(watch, page=1), **changed), how
