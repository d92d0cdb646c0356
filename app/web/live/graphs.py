"""GRAPHS: the traffic of the director, of a service or of a server, from ten minutes to a month. Reads only."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from flask import Blueprint, render_template, request, url_for

from app.host.control_client import ControlRefused, ControlUnreachable, ask
from app.lvs.desired.table import destination_key, forwarding, service_key
from app.lvs.ipvs.service_names import endpoint_text, host_port
from app.lvs.ipvs.service_names import service_text as key_text
from app.lvs.keywords.table import effective
from app.lvs.model.config import Config, RealServer, VirtualServer
from app.lvs.reports.history import HistoryReport, SharesReport
from app.lvs.reports.past import HeldReport, PastServiceReport
from app.lvs.reports.status import EventReport
from app.web.frame.current import current
from app.web.live.connections import service_text
from app.web.live.event_sources import all_events, event_line, happenings, revisions_since
from app.web.live.graph_series import COLUMNS, Share, charts, rows, shares

WITHIN_S = 5.0
NAME_MAX = 100
SHARES_MAX = 100
"""Servers of a service in the table of shares."""
LISTED_MAX = 50
OF_ALL = frozenset({"suspicion", "trust", "address"})
"""Kinds of events that concern every service."""
RANGES: Mapping[str, tuple[int, str]] = {
    "10min": (600, "10 minutes"),
    "1h": (3600, "1 hour"),
    "6h": (6 * 3600, "6 hours"),
    "1d": (24 * 3600, "1 day"),
    "1w": (7 * 24 * 3600, "1 week"),
    "1month": (31 * 24 * 3600, "1 month"),
}
FIRST_RANGE = "1h"
UPDATE_S = {"10min": 10, "1h": 10}
UPDATE_SLOWLY_S = 60

blueprint = Blueprint("graphs", __name__)


@dataclass(frozen=True, slots=True)
class Subject:
    """What the graphs are of: without `service` the director. Both are written as in the page's address."""

    service: str
    server: str
    span: str

    @property
    def question(self) -> dict[str, Any]:
        """The request to pulse."""
        return {"service": self.service, "server": self.server, "span_s": RANGES[self.span][0]}

    def link(self, endpoint: str = "graphs.page", **changed: str) -> str:
        """Return the address of these graphs, `changed` applied."""
        chosen = {"service": self.service, "server": self.server, "range": self.span, **changed}
        return url_for(endpoint, **cast(dict[str, Any], {name: text for name, text in chosen.items() if text}))


@blueprint.get("/graphs")
def page() -> str:
    """Show the page."""
    return render_template("live/graphs.html", **_content())


@blueprint.get("/graphs/part")
def part() -> str:
    """Show the part of the page that changes, for static/refresh.js."""
    return render_template("live/_graphs.html", **_content())


def service_graphs(virtual: VirtualServer) -> str:
    """Return the address of the graphs of a virtual server; empty: it cannot be in the kernel."""
    key = service_key(virtual)
    return url_for("graphs.page", service=key_text(key)) if key is not None else ""


def server_graphs(config: Config, virtual: VirtualServer, server: RealServer) -> str:
    """Return the address of the graphs of a real server; empty: it cannot be in the kernel."""
    key = service_key(virtual)
    if key is None or server.address is None:
        return ""
    method = forwarding(virtual, server, effective(config, "network"))
    place = destination_key(server, server.address, key, method)
    return url_for("graphs.page", service=key_text(key), server=endpoint_text(place.address, place.port))


def _content() -> dict[str, Any]:
    subject = _subject()
    report, silence = _ask(subject.question)
    held = _held(subject.service)
    service = held[0] if held and subject.service else None
    content: dict[str, Any] = {
        "subject": subject,
        "ranges": RANGES,
        "silence": silence,
        "report": report,
        "service": service,
        "services": [] if subject.service else held,
        "service_text": service_text,
        "server_name": _server_name(service, subject.server),
        "update_s": UPDATE_S.get(subject.span, UPDATE_SLOWLY_S),
    }
    if report is None:
        return content
    since, until = report["since"], report["until"]
    events = [event for event in all_events()[0] if since <= event["at"] < until + 1]
    events = [event for event in events if _concerns(event, subject, service)]
    revisions = revisions_since(since)
    return content | {
        "charts": charts(report["points"], since, until, happenings(events, revisions)),
        "rows": rows(report["points"], since, until),
        "columns": COLUMNS,
        "is_unknown": all(point["connections"] is None for point in report["points"]),
        "events": events[: -LISTED_MAX - 1 : -1],
        "event_line": event_line,
        "revisions": revisions[:LISTED_MAX],
        "shares": _shares(subject, service) if service and not subject.server else [],
    }


def _subject() -> Subject:
    span = request.args.get("range", "")
    service = request.args.get("service", "").strip()[:NAME_MAX]
    server = request.args.get("server", "").strip()[:NAME_MAX]
    return Subject(service, server if service else "", span if span in RANGES else FIRST_RANGE)


def _ask(question: dict[str, Any]) -> tuple[HistoryReport | None, str]:
    try:
        return cast(HistoryReport, ask(current.settings.pulse_socket, "history", question, WITHIN_S)), ""
    except (ControlUnreachable, ControlRefused) as failed:
        return None, str(failed)


def _held(service: str) -> list[PastServiceReport]:
    """Return the current service of that name, without a name the first of all; none without pulse."""
    try:
        report = ask(current.settings.pulse_socket, "held", {"service": service}, WITHIN_S)
    except (ControlUnreachable, ControlRefused):
        return []
    return cast(HeldReport, report)["services"]


def _server_name(service: PastServiceReport | None, place: str) -> str:
    there = service["destinations"] if service and place else []
    return next(
        (event["name"] or "" for event in there if host_port(event["address"], event["port"]) == place), ""
    )


def _concerns(event: EventReport, subject: Subject, service: PastServiceReport | None) -> bool:
    if not subject.service or event["kind"] in OF_ALL:
        return True
    if service is None or event["virtual"] != service["owner"]:
        return False
    return not subject.server or event["server"] in ("", _server_name(service, subject.server))


def _shares(subject: Subject, service: PastServiceReport) -> list[Share]:
    servers = [
        (destination["name"] or "", host_port(destination["address"], destination["port"]), destination["weight"])
        for destination in service["destinations"][:SHARES_MAX]
    ]
    question = {**subject.question, "shares": [place for _, place, _ in servers]}
    try:
        report = cast(SharesReport, ask(current.settings.pulse_socket, "history", question, WITHIN_S))
    except (ControlUnreachable, ControlRefused):
        return []
    return shares(servers, cast(dict[str, dict[str, float | None]], report["shares"]))
