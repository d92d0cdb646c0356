"""What a router's checks say of each real server, told to the other one: all once, then only what changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from app.partner.failures import MalformedMessage
from app.partner.message_fields import MessageFields, checked_number

SERVERS_MAX = 50_000
TOLD_AT_ONCE = 2_000
"""Servers in one message, so that none is long; the rest goes with the next ones."""
STATES = ("up", "down", "unknown", "unchecked", "stale")
_NAME_MAX = 1000


class Target(NamedTuple):
    """A real server, by what both routers know it by."""

    virtual: str
    name: str
    address: str
    port: int


class PartnerVerdict(NamedTuple):
    """What the checks say, and whether the server may have clients."""

    state: str
    is_in: bool


Verdicts = Mapping[Target, PartnerVerdict]


@dataclass(frozen=True, slots=True)
class VerdictChanges:
    """What became of the servers since the last message; `is_all`: nothing more is waiting."""

    changed: Verdicts
    gone: frozenset[Target]
    is_all: bool


class Teller:
    """Remembers what one connection was told."""

    def __init__(self) -> None:
        self._told: dict[Target, PartnerVerdict] = {}
        self._last: Verdicts | None = None

    def news(self, now: Verdicts) -> VerdictChanges:
        """Return what is to be told next so that the other side comes to know `now`."""
        if now is self._last:
            return VerdictChanges({}, frozenset(), True)
        changed = {target: verdict for target, verdict in now.items() if self._told.get(target) != verdict}
        gone = [target for target in self._told if target not in now]
        is_all = len(changed) + len(gone) <= TOLD_AT_ONCE
        if not is_all:
            gone = gone[:TOLD_AT_ONCE]
            changed = dict(list(changed.items())[: TOLD_AT_ONCE - len(gone)])
        self._told |= changed
        for target in gone:
            del self._told[target]
        self._last = now if is_all else None
        return VerdictChanges(changed, frozenset(gone), is_all)


class Hearer:
    """Gathers what one connection is told."""

    def __init__(self) -> None:
        self._known: dict[Target, PartnerVerdict] = {}

    def apply(self, news: VerdictChanges) -> Verdicts | None:
        """Return all verdicts as of now; None: not everything was told yet."""
        if news.changed or news.gone:
            # A new one, as the one of before may be looked at by somebody else.
            self._known = {target: verdict for target, verdict in self._known.items() if target not in news.gone}
            self._known |= news.changed
        if len(self._known) > SERVERS_MAX:
            raise MalformedMessage(f"The other side told of more than {SERVERS_MAX} real servers.")
        return self._known if news.is_all else None


def news_document(news: VerdictChanges) -> dict[str, Any]:
    """Return the fields of a summary that hold `news`."""
    return {
        "changed": [[*target, *verdict] for target, verdict in news.changed.items()],
        "gone": [list(target) for target in news.gone],
        "is_all": news.is_all,
    }


def read_news(fields: MessageFields) -> VerdictChanges:
    """Return the news in a summary; raise Malformed."""
    changed: dict[Target, PartnerVerdict] = {}
    for row in fields.array("changed", TOLD_AT_ONCE):
        if not isinstance(row, list) or len(row) != 6 or row[4] not in STATES or not isinstance(row[5], bool):
            raise MalformedMessage("A verdict on a real server is not one.")
        changed[_target(row[:4])] = PartnerVerdict(row[4], row[5])
    gone = frozenset(_target(row) for row in fields.array("gone", TOLD_AT_ONCE))
    return VerdictChanges(changed, gone, fields.flag("is_all"))


def _target(row: Any) -> Target:
    if not isinstance(row, list) or len(row) != 4:
        raise MalformedMessage("A real server is not named as one.")
    for word in row[:3]:
        if not isinstance(word, str) or len(word) > _NAME_MAX:
            raise MalformedMessage("A real server is not named as one.")
        if any("\ud800" <= sign <= "\udfff" for sign in word):
            # JSON can hold half a sign, which no page can be written with.
            raise MalformedMessage("A real server's name is no text.")
    return Target(row[0], row[1], row[2], checked_number(row[3], "port", 0, 65535))
