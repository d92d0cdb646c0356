"""What happened, in order: kept for the pages, and told to the journal in the lines Piranha's admins grep for."""

import logging
import time
from collections import deque

from app.lvs.report import EventKind, EventReport

EVENTS_KEPT = 200
_WARNINGS: frozenset[EventKind] = frozenset(
    {"down", "suspicion", "trust", "degraded", "quorum-lost", "held", "address"}
)

log = logging.getLogger("pulse")


class EventLog:
    """The one owner of events."""

    def __init__(self) -> None:
        self._events: deque[EventReport] = deque(maxlen=EVENTS_KEPT)

    def record(
        self, kind: EventKind, reason: str, *, virtual: str = "", server: str = "", target: str = ""
    ) -> EventReport:
        """Keep what has just happened, and log it; return it as it is kept."""
        event: EventReport = {
            "at": time.time(),
            "kind": kind,
            "virtual": virtual,
            "server": server,
            "target": target,
            "reason": reason,
        }
        self._events.append(event)
        log.log(logging.WARNING if kind in _WARNINGS else logging.INFO, "%s", line(event))
        return event

    def events(self) -> list[EventReport]:
        """Return the last events, oldest first."""
        return list(self._events)


def line(event: EventReport) -> str:
    """Return `event` as a line of the journal."""
    who = ", ".join(name for name in (event["virtual"], event["server"]) if name)
    match event["kind"]:
        case "up":
            return f"[ active ] making {event['target']} available ({who}): {event['reason']}"
        case "down":
            return (
                f"[inactive] shutting down {event['target']} due to connection failure ({who}): {event['reason']}"
            )
        case _:
            return f"{who}: {event['reason']}" if who else event["reason"]
