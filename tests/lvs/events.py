"""Events for tests, as pulse records them."""

from app.lvs.reports.status import EventKind, EventReport


def event(
    kind: EventKind, server: str = "web1", at: float = 0.0, *, virtual: str = "web", reason: str = "refused"
) -> EventReport:
    """Return an event of `server` of `virtual`; of the service or the director where they are empty."""
    target = f"{server}:80" if server else ""
    return {"at": at, "kind": kind, "virtual": virtual, "server": server, "target": target, "reason": reason}


def service_event(kind: EventKind, at: float = 0.0, *, virtual: str = "web", reason: str = "") -> EventReport:
    """Return an event of a whole service."""
    return event(kind, "", at, virtual=virtual, reason=reason)


def director_event(kind: EventKind, at: float = 0.0, reason: str = "all fell silent") -> EventReport:
    """Return an event of the director itself."""
    return event(kind, "", at, virtual="", reason=reason)
