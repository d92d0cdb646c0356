"""A notification: a subject, a text for people, and a document for programs."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from enum import Enum
from itertools import groupby
from typing import Any

from app.lvs.model.printable import plain
from app.lvs.notify.batching import Batch, BatchedChange

SUBJECT_MAX = 160
"""The most characters of a subject."""
LINES_MAX = 50
"""The most changes of one sort that the text lists; the document has more."""
DOCUMENT_MAX = 1000
"""The most changes the document lists."""
_NAMES_SHOWN = 3
_SERVICES_SHOWN = 3

Clock = Callable[[float], str]
"""Writes a time (seconds since the epoch) as people read it."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message of the director `director`, made at `at`; all its texts are plain."""

    director: str
    at: float
    subject: str
    text: str
    changes: tuple[BatchedChange, ...] = ()
    more: int = 0

    def document(self) -> dict[str, Any]:
        """Return the message as JSON is made of; `more` events are not among its `changes`."""
        listed = self.changes[:DOCUMENT_MAX]
        return {
            "director": self.director,
            "at": self.at,
            "subject": self.subject,
            "text": self.text,
            "changes": [asdict(change) for change in listed],
            "more": self.more + sum(change.times for change in self.changes[DOCUMENT_MAX:]),
        }


def compose(director: str, at: float, gathered: Batch, clock: Clock, undelivered: int = 0) -> Message:
    """Return the message about what was `gathered`; `undelivered` earlier ones could not be delivered."""
    sections = list(_sections(gathered.changes))
    summaries = [_summary(sort, changes) for sort, changes in sections]
    lines = [f"Palometa on {director}, {clock(at)}", ""]
    for summary, (_, changes) in zip(summaries, sections, strict=True):
        lines.append(summary)
        lines.extend(f"  {_line(change, clock)}" for change in changes[:LINES_MAX])
        if len(changes) > LINES_MAX:
            lines.append(f"  … and {len(changes) - LINES_MAX} more")
        lines.append("")
    if gathered.more:
        lines += [f"{gathered.more} more events are not listed: see CONTROL/MONITORING.", ""]
    if undelivered:
        lines += [
            (f"{_counted(undelivered, 'earlier message')} could not be delivered. See CONTROL/MONITORING."),
            "",
        ]
    subject = plain(f"{director}: {'; '.join(summaries)}", SUBJECT_MAX)
    return Message(director, at, subject, "\n".join(lines), gathered.changes, gathered.more)


def trial_message(director: str, at: float, clock: Clock) -> Message:
    """Return a message for testing whether messages arrive."""
    subject = plain(f"{director}: test message", SUBJECT_MAX)
    text = (
        f"Palometa on {director}, {clock(at)}\n\nThis is a test message: notifications from "
        "this director arrive here.\n"
    )
    return Message(director, at, subject, text)


class _Sort(Enum):
    """The sections of a message, what is wrong first: the noun that is counted, and what became of it."""

    SUSPICION = ("", "the director appears to be isolated")
    QUORUM_LOST = ("service", "below quorum")
    OUT = ("server", "out")
    SERVICE_MISSING = ("service", "not in the kernel")
    MISSING = ("server", "not in the kernel")
    UNASKED = ("server", "no longer checked")
    ADDRESS = ("", "about addresses")
    DOUBTED = ("", "the director was isolated for a while")
    TRUST = ("", "the director is no longer isolated")
    QUORUM = ("service", "quorum regained")
    QUORUM_SHORTLY = ("service", "below quorum for a while")
    IN = ("server", "in")
    SERVICE_ENTERED = ("service", "in the kernel again")
    ENTERED = ("server", "in the kernel again")
    ASKED = ("server", "checked again")
    SHORTLY = ("server", "out for a while, back in rotation")


_ORDER = list(_Sort)


def _sections(changes: Iterable[BatchedChange]) -> Iterator[tuple[_Sort, list[BatchedChange]]]:
    ordered = sorted(changes, key=lambda change: _ORDER.index(_sort(change)))
    for sort, found in groupby(ordered, key=_sort):
        yield sort, list(found)


def _sort(change: BatchedChange) -> _Sort:
    came_back = change.began_with != change.kind
    match change.kind:
        case "down":
            return _Sort.OUT
        case "up":
            return _Sort.SHORTLY if came_back else _Sort.IN
        case "suspicion":
            return _Sort.SUSPICION
        case "trust":
            return _Sort.DOUBTED if came_back else _Sort.TRUST
        case "unasked":
            return _Sort.UNASKED
        case "asked":
            return _Sort.ASKED
        case "missing":
            return _Sort.MISSING if change.server else _Sort.SERVICE_MISSING
        case "entered":
            return _Sort.ENTERED if change.server else _Sort.SERVICE_ENTERED
        case "quorum-lost":
            return _Sort.QUORUM_LOST
        case "quorum":
            return _Sort.QUORUM_SHORTLY if came_back else _Sort.QUORUM
        case _:
            return _Sort.ADDRESS


def _summary(sort: _Sort, changes: list[BatchedChange]) -> str:
    """Return a line such as "12 servers out: web1, web2, web3 … of web, mail1 of mail"."""
    noun, became = sort.value
    if sort is _Sort.ADDRESS and len(changes) == 1:
        return f"{_who(changes[0])}{changes[0].reason}"
    match noun:
        case "server":
            by_service = (
                f"{_listed((line.server or line.target for line in found), _NAMES_SHOWN)} of {virtual}"
                for virtual, found in _by_virtual(changes)
            )
            return f"{_counted(len(changes), noun)} {became}: {_listed(by_service, _SERVICES_SHOWN)}"
        case "service":
            names = _listed((change.virtual for change in changes), _NAMES_SHOWN)
            return f"{_counted(len(changes), noun)} {became}: {names}"
        case _:
            return f"{len(changes)} events {became}" if sort is _Sort.ADDRESS else became


def _by_virtual(changes: list[BatchedChange]) -> Iterator[tuple[str, list[BatchedChange]]]:
    found: dict[str, list[BatchedChange]] = {}
    for change in changes:
        found.setdefault(change.virtual, []).append(change)
    yield from found.items()


def _listed(names: Iterable[str], most: int) -> str:
    all_names = list(names)
    return ", ".join(all_names[:most]) + (" …" if len(all_names) > most else "")


def _line(change: BatchedChange, clock: Clock) -> str:
    return f"{clock(change.at)} {_who(change)}{change.reason}{_meanwhile(change, clock)}"


def _who(change: BatchedChange) -> str:
    if change.server:
        return f"{change.server} ({change.target}) of {change.virtual}: "
    return f"{change.virtual}: " if change.virtual else ""


def _meanwhile(change: BatchedChange, clock: Clock) -> str:
    """Return what to add about a change that sums up several events."""
    if change.times == 1:
        return ""
    since = f"the first at {clock(change.began_at)}"
    if change.times == 2 and change.began_with != change.kind:
        return f" ({_BEGINNINGS.get(change.began_with, 'changed')} at {clock(change.began_at)})"
    return f" ({change.times} changes, {since})"


_BEGINNINGS = {
    "down": "went out",
    "up": "had come in",
    "suspicion": "began",
    "trust": "had ended",
    "quorum-lost": "lost",
    "quorum": "had been reached",
    "unasked": "no longer checked",
    "asked": "had been checked",
    "missing": "not in the kernel",
    "entered": "had been in the kernel",
}


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
