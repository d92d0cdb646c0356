"""What a router's health checks say of each real server, sent to the other: all of it once, then only changes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from app.lvs.reports.partner import Port, ServerName, VerdictRow, VerdictState
from app.partner.failures import MalformedMessage

SERVERS_MAX = 50_000
CHANGES_PER_MESSAGE = 2_000
"""Keeps every message short; further changes follow in the next ones."""


class Target(NamedTuple):
    """A real server, by what identifies it on both routers."""

    virtual: ServerName
    name: ServerName
    address: ServerName
    port: Port


class PartnerVerdict(NamedTuple):
    """What the checks say, and whether the server is in rotation."""

    state: VerdictState
    is_in: bool


Verdicts = Mapping[Target, PartnerVerdict]


def verdicts_of(rows: Iterable[VerdictRow]) -> dict[Target, PartnerVerdict]:
    """Return the verdicts in the rows of a message or of pulse's answer."""
    return {Target(*row[:4]): PartnerVerdict(*row[4:]) for row in rows}


@dataclass(frozen=True, slots=True)
class VerdictChanges:
    """What changed since the last message; `is_all`: no further changes are waiting to be sent."""

    changed: Verdicts
    gone: frozenset[Target]
    is_all: bool

    @classmethod
    def of(cls, changed: Iterable[VerdictRow], gone: Iterable[Target], *, is_all: bool) -> "VerdictChanges":
        """Return the changes that a message holds."""
        return cls(verdicts_of(changed), frozenset(gone), is_all)

    @property
    def rows(self) -> tuple[VerdictRow, ...]:
        """What changed, as a message holds it."""
        return tuple((*target, *verdict) for target, verdict in self.changed.items())


class VerdictSender:
    """Remembers what was sent over one connection."""

    def __init__(self) -> None:
        self._sent: dict[Target, PartnerVerdict] = {}
        self._last: Verdicts | None = None

    def changes(self, now: Verdicts) -> VerdictChanges:
        """Return what to send next so that the other side learns `now`."""
        if now is self._last:
            return VerdictChanges({}, frozenset(), True)
        changed = {target: verdict for target, verdict in now.items() if self._sent.get(target) != verdict}
        gone = [target for target in self._sent if target not in now]
        is_all = len(changed) + len(gone) <= CHANGES_PER_MESSAGE
        if not is_all:
            gone = gone[:CHANGES_PER_MESSAGE]
            changed = dict(list(changed.items())[: CHANGES_PER_MESSAGE - len(gone)])
        self._sent |= changed
        for target in gone:
            del self._sent[target]
        self._last = now if is_all else None
        return VerdictChanges(changed, frozenset(gone), is_all)


class VerdictReceiver:
    """Gathers what is received over one connection."""

    def __init__(self) -> None:
        self._known: dict[Target, PartnerVerdict] = {}

    def apply(self, changes: VerdictChanges) -> Verdicts | None:
        """Return all verdicts with `changes` applied; None: further changes are still to come."""
        if changes.changed or changes.gone:
            # A new one, as another thread may be reading the previous one.
            kept = {target: verdict for target, verdict in self._known.items() if target not in changes.gone}
            self._known = kept | dict(changes.changed)
        if len(self._known) > SERVERS_MAX:
            raise MalformedMessage(f"The other side reported more than {SERVERS_MAX} real servers.")
        return self._known if changes.is_all else None
