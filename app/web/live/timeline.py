"""The timeline: pulse's events and the accepted revisions, filtered. Pure, without IO."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.lvs.reports.status import EventReport
from app.store import RevisionHead

ACCEPTED = "accepted"
"""The kind of a revision, among those of events."""
ITEMS_A_PAGE = 100
_AT_MAX = 2**32 - 1


@dataclass(frozen=True, slots=True)
class Wanted:
    """The filters; empty and None: any. `text` are words that must all occur in an event."""

    kind: str = ""
    service: str = ""
    server: str = ""
    text: str = ""
    since: float | None = None
    until: float | None = None

    def has(self, event: EventReport) -> bool:
        """Return whether `event` matches."""
        return (
            self._has_kind(event["kind"])
            and self.service in ("", event["virtual"])
            and self.server in ("", event["server"])
            and self._has_time(event["at"])
            and self._has_text(event["kind"], event["virtual"], event["server"], event["target"], event["reason"])
        )

    def has_revision(self, head: RevisionHead) -> bool:
        """Return whether a revision matches; it belongs to no service and no server."""
        return (
            self._has_kind(ACCEPTED)
            and not self.service
            and not self.server
            and self._has_time(head.at.timestamp())
            and self._has_text(f"serial {head.serial_no}", head.author, head.summary)
        )

    def _has_kind(self, kind: str) -> bool:
        return self.kind in ("", kind)

    def _has_time(self, at: float) -> bool:
        return (self.since is None or at >= self.since) and (self.until is None or at <= self.until)

    def _has_text(self, *texts: str) -> bool:
        whole = "\n".join(texts).casefold()
        return all(word in whole for word in self.text.casefold().split())


@dataclass(frozen=True, slots=True)
class TimelineItem:
    """An item of the timeline: an event, or a revision that was accepted."""

    at: float
    event: EventReport | None = None
    revision: RevisionHead | None = None


@dataclass(frozen=True, slots=True)
class TimelinePart:
    """One page of the timeline, newest first. `page` of `pages` counts from 1; `found` counts all pages."""

    items: Sequence[TimelineItem]
    found: int
    page: int
    pages: int


def timeline(
    events: Iterable[EventReport], revisions: Iterable[RevisionHead], wanted: Wanted, page: int
) -> TimelinePart:
    """Return page `page` of the matching items."""
    items = [TimelineItem(event["at"], event=event) for event in events if wanted.has(event)]
    items += [TimelineItem(head.at.timestamp(), revision=head) for head in revisions if wanted.has_revision(head)]
    items.sort(key=lambda item: item.at, reverse=True)
    pages = max(1, -(-len(items) // ITEMS_A_PAGE))
    page = min(max(page, 1), pages)
    first = (page - 1) * ITEMS_A_PAGE
    return TimelinePart(items[first : first + ITEMS_A_PAGE], len(items), page, pages)


def moment(text: str) -> float | None:
    """Return an entered local time, such as 2026-01-31T22:00, in seconds since 1970; raise ValueError.

    None: nothing was entered.
    """
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError, OSError):
        at = -1.0
    if not 0 <= at <= _AT_MAX:
        raise ValueError(f"{text!r} is not a time; enter a date and a time such as 2026-01-31T22:00")
    return at


def retyped(text: str) -> str:
    """Return an entered time as a form field holds it; empty if it is no time, which the field could not hold."""
    try:
        at = moment(text)
    except ValueError:
        return ""
    return "" if at is None else typed(at)


def typed(at: float) -> str:
    """Return `at` as a form field holds it, in local time: 2026-01-31T22:00:00."""
    return datetime.fromtimestamp(at).isoformat(timespec="seconds")


def given(**chosen: str) -> Mapping[str, str]:
    """Return the arguments that are not empty, for an address."""
    return {name: text for name, text in chosen.items() if text}
