"""The kinds of events in the words of the pages, each with the badge it has."""

from app.lvs.reports.status import EventKind

BADGES: dict[EventKind, tuple[str, str]] = {
    "up": ("up", "in"),
    "down": ("down", "out"),
    "suspicion": ("warn", "doubt"),
    "trust": ("info", "trust"),
    "degraded": ("warn", "slow"),
    "normal": ("up", "quick again"),
    "quorum-lost": ("down", "below quorum"),
    "quorum": ("up", "quorum"),
    "held": ("warn", "held"),
    "admin": ("info", "by hand"),
    "address": ("warn", "address"),
    "pair": ("info", "pair"),
    "undelivered": ("warn", "not told"),
}
"""Kind and text of the badge of each event."""
OTHER = ("off", "event")
"""The badge of a kind that a newer pulse knows and this page does not."""


def event_badge(kind: str) -> tuple[str, str]:
    """Return kind and text of the badge of an event."""
    found = [badge for known, badge in BADGES.items() if known == kind]
    return found[0] if found else OTHER
