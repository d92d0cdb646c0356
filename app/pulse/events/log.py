"""The events in order: kept for the pages, and logged in the lines that Piranha's admins grep for."""

import logging
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import Any

from app.lvs.model.printable import plain
from app.lvs.reports.past import EventsReport
from app.lvs.reports.status import EventKind, EventReport
from app.pulse.events.file import EventFile

EVENTS_KEPT = 1000
EVENTS_REPORTED = 200
"""How many of them are in a status report."""
_WARNINGS: frozenset[EventKind] = frozenset(
    {
        "down",
        "suspicion",
        "trust",
        "degraded",
        "quorum-lost",
        "held",
        "unasked",
        "missing",
        "address",
        "undelivered",
        "pair",
    }
)
_TRANSITIONS: frozenset[EventKind] = frozenset(("up", "down"))

log = logging.getLogger("pulse")


class EventLog:
    """The one owner of events. `listener` gets each as it happens; `file` keeps them over a restart."""

    def __init__(self, file: EventFile | None = None) -> None:
        self._file = file
        self._events = deque(file.last(EVENTS_KEPT) if file else (), maxlen=EVENTS_KEPT)
        self._before_start = _last_of_each(self._events)
        self.listener: Callable[[EventReport], None] | None = None

    def record(
        self, kind: EventKind, reason: str, *, virtual: str = "", server: str = "", target: str = ""
    ) -> EventReport:
        """Log and keep what has just happened; return it as it is kept.

        A server that was already down when pulse was stopped, and still is, is only logged.
        """
        event: EventReport = {
            "at": time.time(),
            "kind": kind,
            "virtual": virtual,
            "server": server,
            "target": target,
            "reason": reason,
        }
        log.log(logging.WARNING if kind in _WARNINGS else logging.INFO, "%s", line(event))
        if kind in _TRANSITIONS and self._before_start.pop((virtual, server, target), None) == kind:
            return event
        self._events.append(event)
        if self._file is not None:
            self._file.keep(event)
        if self.listener is not None:
            self.listener(event)
        return event

    def events(self) -> list[EventReport]:
        """Return the events that are kept, oldest first, including those from before pulse was started."""
        return list(self._events)

    def last_of(self, kinds: frozenset[EventKind], count: int) -> list[EventReport]:
        """Return the last events of these kinds, at most so many, oldest first."""
        found = islice((event for event in reversed(self._events) if event["kind"] in kinds), count)
        return list(found)[::-1]

    async def answer(self, request: Mapping[str, Any]) -> EventsReport:
        """Answer the verb "events": all events that are kept."""
        return {"now": time.time(), "events": self.events()}

    def recent(self) -> list[EventReport]:
        """Return the last events, as many as a status report holds, oldest first."""
        return list(islice(self._events, max(0, len(self._events) - EVENTS_REPORTED), None))


def _last_of_each(events: Iterable[EventReport]) -> dict[tuple[str, str, str], EventKind]:
    """Return whether the last event of each server was up or down."""
    return {
        (event["virtual"], event["server"], event["target"]): event["kind"]
        for event in events
        if event["kind"] in _TRANSITIONS
    }


def line(event: EventReport) -> str:
    """Return `event` as a line of the journal."""
    who = ", ".join(name for name in (event["virtual"], event["server"]) if name)
    match event["kind"]:
        case "up":
            text = f"[ active ] making {event['target']} available ({who}): {event['reason']}"
        case "down":
            text = (
                f"[inactive] shutting down {event['target']} due to connection failure ({who}): {event['reason']}"
            )
        case _:
            text = f"{who}: {event['reason']}" if who else event["reason"]
    # Names come from lvs.cf and reasons from servers: neither may break a line or send terminal escapes.
    return plain(text, _LINE_MAX)


_LINE_MAX = 2000
