"""The sources of the graphs' marks and of the timeline: pulse's events and the accepted revisions."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import cast

from app.host.control_client import ControlRefused, ControlUnreachable, ask
from app.lvs.reports.past import EventsReport
from app.lvs.reports.status import EventReport
from app.store import RevisionHead
from app.web.frame.badges import event_badge
from app.web.frame.current import current
from app.web.frame.filters import clock
from app.web.frame.svg_chart import Happening

REVISIONS_MAX = 1000


def all_events() -> tuple[list[EventReport], str]:
    """Return all events that pulse keeps, oldest first, or none and the reason."""
    try:
        return cast(EventsReport, ask(current.settings.pulse_socket, "events"))["events"], ""
    except (ControlUnreachable, ControlRefused) as silence:
        return [], str(silence)


def revisions_since(since: float) -> Sequence[RevisionHead]:
    """Return the revisions accepted after `since`, newest first, REVISIONS_MAX at most."""
    start = datetime.fromtimestamp(since, UTC)
    return [head for head in current.store.revisions(REVISIONS_MAX) if head.at > start]


def happenings(events: Iterable[EventReport], revisions: Iterable[RevisionHead]) -> list[Happening]:
    """Return `events` and `revisions` as marks, each with one line of text."""
    marks = [Happening(event["at"], "event", f"{clock(event['at'])} {event_line(event)}") for event in events]
    for head in revisions:
        at = head.at.timestamp()
        marks.append(
            Happening(at, "revision", f"{clock(at)} serial {head.serial_no}, {head.author}: {head.summary}")
        )
    return marks


def event_line(event: EventReport) -> str:
    """Return `event` as a line: "out of rotation: web1 of shop: TCP connect refused"."""
    who = " of ".join(name for name in (event["server"], event["virtual"]) if name)
    return f"{event_badge(event['kind']).text}: {who}: {event['reason']}" if who else event["reason"]
