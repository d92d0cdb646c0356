"""EVENTS: the timeline of pulse's events and accepted changes, with filters in the address. Reads only."""

from dataclasses import dataclass
from typing import Any, cast

from flask import Blueprint, render_template, request, url_for

from app.web.frame import badges
from app.web.live.event_sources import all_events, revisions_since
from app.web.live.timeline import ACCEPTED, Wanted, given, moment, retyped, timeline, typed

FIELD_MAX = 100
_FIELDS = ("kind", "service", "server", "text", "since", "until")
UPDATE_S = 10

blueprint = Blueprint("events", __name__)


@dataclass(frozen=True, slots=True)
class EventQuery:
    """The filters as entered."""

    kind: str
    service: str
    server: str
    text: str
    since: str
    until: str

    def link(self, endpoint: str = "events.page", **changed: str) -> str:
        """Return the address of the page with these filters, `changed` applied."""
        chosen = {name: getattr(self, name) for name in _FIELDS} | changed
        return url_for(endpoint, **cast(dict[str, Any], given(**chosen)))

    def wanted(self) -> Wanted:
        """Return the filters as values; raise ValueError with a message."""
        since, until = moment(self.since), moment(self.until)
        return Wanted(self.kind, self.service, self.server, self.text, since, until)


@blueprint.get("/events")
def page() -> str:
    """Show the page."""
    return render_template("live/events.html", **_content())


@blueprint.get("/events/part")
def part() -> str:
    """Show the part of the page that changes, for static/refresh.js."""
    return render_template("live/_timeline.html", **_content())


def _content() -> dict[str, Any]:
    asked = EventQuery(**{name: request.args.get(name, "").strip()[:FIELD_MAX] for name in _FIELDS})
    events, silence = all_events()
    refused = ""
    try:
        wanted = asked.wanted()
    except ValueError as error:
        wanted, refused = Wanted(), str(error)
    # Before the first event there are only revisions, which HISTORY lists.
    oldest = events[0]["at"] if events else 0.0
    return {
        "asked": asked,
        "refused": refused,
        "silence": silence,
        "kept": len(events),
        "oldest": oldest if events else None,
        "part": timeline(events, revisions_since(oldest), wanted, _page_number()),
        "kinds": [*((kind, badge.text) for kind, badge in badges.EVENTS.items()), (ACCEPTED, "accepted")],
        "services": sorted({event["virtual"] for event in events if event["virtual"]}),
        "servers": sorted({event["server"] for event in events if event["server"]}),
        "retyped": retyped,
        "typed": typed,
        "update_s": UPDATE_S,
    }


def _page_number() -> int:
    text = request.args.get("page", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 6 else 1
