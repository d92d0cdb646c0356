"""When notifications of events are sent, and which events go into one: not every check, and not twice a minute.

The first event is sent within a second, so that many of one cause go out as one message; what follows waits until
the gap is over, summed up for each server. Nothing is lost by that: of each server the last event is sent.
"""

from dataclasses import dataclass, replace

from app.lvs.model.printable import plain
from app.lvs.reports.status import EventKind, EventReport

TOGETHER_S = 1.0
"""How long a first event waits for others of the same cause."""
SUBJECTS_MAX = 20_000
"""The most servers, services and addresses that are kept apart; of more only the number is sent."""
TOLD: frozenset[EventKind] = frozenset(
    {
        *("down", "up", "suspicion", "trust", "quorum-lost", "quorum", "unasked", "asked"),
        *("missing", "entered", "address", "pair"),
    }
)
"""The events that are sent: those that change what clients get, or that leave it to chance."""

_PAIRS: dict[EventKind, str] = {
    "down": "server",
    "up": "server",
    "suspicion": "director",
    "trust": "director",
    "quorum-lost": "quorum",
    "quorum": "quorum",
    "unasked": "check",
    "asked": "check",
    "missing": "entry",
    "entered": "entry",
}


@dataclass(frozen=True, slots=True)
class BatchedChange:
    """The changes of one server, service or address between two messages.

    `kind`, `at` and `reason` are those of the last event, `began_with` and `began_at` those of the first; `times`
    is how many events that were.
    """

    kind: EventKind
    at: float
    reason: str
    virtual: str
    server: str
    target: str
    began_with: EventKind
    began_at: float
    times: int = 1


@dataclass(frozen=True, slots=True)
class Batch:
    """What goes into one message, in the order it began; `more` further events are only counted."""

    changes: tuple[BatchedChange, ...]
    more: int = 0


class EventBatch:
    """Collects events for one messenger. Times are any clock's that does not jump, in seconds."""

    def __init__(self, gap_s: float) -> None:
        self.gap_s = gap_s
        self._changes: dict[tuple[str, ...], BatchedChange] = {}
        self._more = 0
        self._waiting_since: float | None = None
        self._told_at: float | None = None

    @property
    def due(self) -> float | None:
        """When the next message is to go out; None: nothing waits."""
        if self._waiting_since is None:
            return None
        soon = self._waiting_since + TOGETHER_S
        return soon if self._told_at is None else max(soon, self._told_at + self.gap_s)

    def take(self, event: EventReport, now: float) -> bool:
        """Keep `event` for the next message; return whether it is one that is sent."""
        if event["kind"] not in TOLD:
            return False
        if self._waiting_since is None:
            self._waiting_since = now
        subject = _subject(event)
        before = self._changes.get(subject)
        if before is None and len(self._changes) >= SUBJECTS_MAX:
            self._more += 1
        else:
            self._changes[subject] = _change(event, before)
        return True

    def collect(self, now: float) -> Batch:
        """Return what waits, which counts as sent from now on; the next message waits for the gap."""
        gathered = Batch(tuple(self._changes.values()), self._more)
        self._changes, self._more, self._waiting_since = {}, 0, None
        self._told_at = now
        return gathered


def _subject(event: EventReport) -> tuple[str, ...]:
    subject = _PAIRS.get(event["kind"])
    # Of an address there is no pair of events that undo each other, so only equal ones are one.
    what = (subject,) if subject else (event["kind"], event["reason"])
    return (*what, event["virtual"], event["server"], event["target"])


def _change(event: EventReport, before: BatchedChange | None) -> BatchedChange:
    kind, at, reason = event["kind"], event["at"], plain(event["reason"])
    if before is not None:
        return replace(before, kind=kind, at=at, reason=reason, times=before.times + 1)
    names = (plain(event["virtual"]), plain(event["server"]), plain(event["target"]))
    return BatchedChange(kind, at, reason, *names, began_with=kind, began_at=at)
