"""CONTROL/MONITORING: the status of pulse and the kernel's IPVS table. Reads only; nothing is decided here."""

from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, abort, render_template, request, url_for

from app.lvs.reports.table import TableReport
from app.lvs.table_page.columns import OUT_COLUMNS, TABS
from app.lvs.table_page.filter import parse_filter
from app.lvs.table_page.ipvsadm_tables import OPTIONS, large
from app.lvs.table_page.query import RAWS, SAVED, QueryDocument
from app.web.frame.current import current
from app.web.frame.request_numbers import serial_number
from app.web.table.bulk_targets import ACTIONS
from app.web.table.bulk_undo import offered_undo_of_many
from app.web.table.rows import column_heads, group_rows, page_link
from app.web.table.sparklines import sparklines
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


ACTION_KEYS = {"DRAIN": "d", "READY": "e", "MAINTENANCE": "m"}
"""The keys that press a button of an action; static/keys.js finds the button by it."""
PAGE_KEYS = (
    ("g s", "CONTROL/MONITORING", "monitoring.page"),
    ("g v", "VIRTUAL SERVERS", "virtual_servers.page"),
    ("g h", "HISTORY", "history.page"),
)
"""The keys that open a page: its title and its endpoint."""
KEYS = (
    ("/", "filter"),
    ("j k", "next and previous row"),
    ("x", "select the row; with Shift, the range"),
    ("o", "expand or collapse the row"),
    *((key, action) for action, key in ACTION_KEYS.items()),
    ("r", "update now"),
    ("p", "pause or resume updates"),
    ("?", "this list"),
    ("Esc", "leave the filter or this list"),
)
"""What static/keys.js does for each key, for the list that ? shows."""


@blueprint.get("/")
@blueprint.get("/control")
def page() -> str:
    """Show the page."""
    return render_template(
        "table/control.html",
        **_content(),
        actions=ACTIONS,
        shortcuts=ACTION_KEYS,
        keys=KEYS,
        page_keys=PAGE_KEYS,
        undo=offered_undo_of_many(request.args.get("undo", type=serial_number)),
        query=request.query_string.decode("ascii", "replace"),
    )


@blueprint.get("/control/table")
def table() -> str:
    """Show the part of the page that changes, which static/live.js merges into the page."""
    return render_template("table/_table.html", **_content())


@blueprint.get("/control/raw/<name>.txt")
def raw(name: str) -> Response:
    """Return one of ipvsadm's tables in full as text, byte for byte as ipvsadm prints it."""
    if name not in RAWS:
        abort(404)
    answer = current.pulse.table(QueryDocument(raw=name, is_whole=True))
    if answer.report is None:
        return Response(f"{answer.silence}\n", status=503, mimetype="text/plain")
    return Response("".join(f"{line}\n" for line in answer.report["raw"]), mimetype="text/plain")


def _content() -> dict[str, Any]:
    watch = read_watch(request.args)
    answer = current.pulse.table(watch.question())
    report = answer.report
    is_new = not current.store.snapshot().virtual
    return {
        "watch": watch,
        "report": report,
        "silence": answer.silence,
        "is_new": is_new,
        "is_empty": is_new and not (report and report["services"]),
        "age_s": report["now"] - report["read_at"] + answer.age_s if report else None,
        "views": [(name, TITLES[name]) for name in VIEWS],
        "raw_options": RAW_OPTIONS,
        "heads": column_heads(watch),
        "groups": group_rows(watch, report) if report and watch.has_rows else [],
        "filter_errors": parse_filter(watch.filter).errors if watch.has_rows else (),
        "is_out_explained": report is not None and _is_out_explained(watch, report),
        "pages": -(-max(report["lines"], 1) // watch.lines_a_page) if report else 1,
        "page_shown": report["offset"] // watch.lines_a_page + 1 if report else 1,
        "last_line": min(report["offset"] + watch.lines_a_page, report["lines"]) if report else 0,
        "listed": lambda number: large(number).strip(),
        "link": lambda **changed: page_link(replace(watch, page=1), **changed),
        "toggle": lambda key: url_for("monitoring.page", **watch.toggling(key).address()),
        "page_numbers": page_numbers,
        "sparks": _sparks(watch, report),
    }


def _is_out_explained(watch: TableOptions, report: TableReport) -> bool:
    """Return whether the page has a column that stays 0 in one of its rows."""
    has_out = any(column.name in OUT_COLUMNS for column in TABS.get(watch.view, ()))
    return has_out and any(
        group["is_out_silent"] or any(line["forward"] in ("Route", "Tunnel") for line in group["lines"])
        for group in report["groups"]
    )


def _sparks(watch: TableOptions, report: TableReport | None) -> dict[str, str] | None:
    """Return the sparklines of the services on the page by their keys; None: this tab has none."""
    if watch.view != "overview" or watch.group != "service" or report is None:
        return None
    return sparklines([group["key"] for group in report["groups"] if group["is_in_kernel"]])


def page_numbers(page: int, pages: int) -> list[int]:
    """Return the pages to link to: the first, the last and those around `page`; 0 stands for a gap."""
    near = [number for number in range(page - 2, page + 3) if 1 <= number <= pages]
    before = [1, 0] if near[0] > 2 else list(range(1, near[0]))
    after = [0, pages] if near[-1] < pages - 1 else list(range(near[-1] + 1, pages + 1))
    return [*before, *near, *after]
