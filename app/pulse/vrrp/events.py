"""Records the events of the pair: a role when it begins, a foreign router once while it is there."""

import time

from app.lvs.model.printable import plain
from app.lvs.reports.pair import STORY_KEPT, STORY_TEXT_MAX, Role, StoryLine
from app.lvs.reports.status import EventKind
from app.pulse.events.log import EventLog

_OF_STORY: frozenset[EventKind] = frozenset({"pair", "address"})


class PairEvents:
    """Keeps the role that was recorded last, since when, and the last sentence."""

    def __init__(self, events: EventLog) -> None:
        self._events = events
        self._foreign_routers: frozenset[str] = frozenset()
        self.role: Role = "alone"
        self.since = time.time()
        self.last = ""

    def set_role(self, role: Role, why: str) -> None:
        """Set the role of this router; `why` is the complete sentence to record, empty: none."""
        if role == self.role:
            return
        self.role, self.since = role, time.time()
        if why:
            self.record(why)

    def record(self, sentence: str) -> None:
        """Record `sentence`, and keep it as the last thing that happened."""
        self.last = sentence
        self._events.record("pair", sentence)

    def record_aside(self, sentence: str) -> None:
        """Record `sentence`, which does not concern this router's role."""
        self._events.record("pair", sentence)

    def story(self) -> list[StoryLine]:
        """Return the last events of the pair and its addresses on this router, oldest first."""
        recorded = self._events.last_of(_OF_STORY, STORY_KEPT)
        return [{"at": event["at"], "text": plain(event["reason"], STORY_TEXT_MAX)} for event in recorded]

    def set_foreign_routers(self, foreign: list[str], router_id: int, *, is_unicast: bool) -> None:
        """Record which routers that use the pair's virtual router ID, and are not the partner, are new."""
        effect = "It is ignored." if is_unicast else "It may take the virtual IPs."
        for router in foreign:
            if router not in self._foreign_routers:
                self._events.record(
                    "pair",
                    f"{router} uses virtual router ID {router_id} on this network and is not the partner. "
                    f"{effect} Give one of the two another ID.",
                )
        self._foreign_routers = frozenset(foreign)
