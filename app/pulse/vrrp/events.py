"""Says what happens to the pair, as events: a role once when it begins, a stranger once while it is there."""

import time

from app.lvs.model.printable import plain
from app.lvs.reports.pair import STORY_KEPT, STORY_TEXT_MAX, Role, StoryLine
from app.lvs.reports.status import EventKind
from app.pulse.events.log import EventLog

_OF_STORY: frozenset[EventKind] = frozenset({"pair", "address"})


class PairEvents:
    """Keeps the role that was told last, since when it holds, and the last sentence."""

    def __init__(self, events: EventLog) -> None:
        self._events = events
        self._strangers: frozenset[str] = frozenset()
        self.role: Role = "alone"
        self.since = time.time()
        self.last = ""

    def role_is(self, role: Role, why: str) -> None:
        """Say that this router is `role` by now; `why` is the whole sentence, empty: it is not worth one."""
        if role == self.role:
            return
        self.role, self.since = role, time.time()
        if why:
            self.say(why)

    def say(self, sentence: str) -> None:
        """Say `sentence`, and keep it as the last that happened."""
        self.last = sentence
        self._events.record("pair", sentence)

    def add(self, sentence: str) -> None:
        """Say `sentence`, which changed nothing of this router's part."""
        self._events.record("pair", sentence)

    def story(self) -> list[StoryLine]:
        """Return the last that happened to the pair and its addresses, as this router told it, oldest first."""
        told = self._events.last_of(_OF_STORY, STORY_KEPT)
        return [{"at": event["at"], "text": plain(event["reason"], STORY_TEXT_MAX)} for event in told]

    def strangers_are(self, strangers: list[str], router_id: int, *, is_unicast: bool) -> None:
        """Say who is new among those that use the pair's number and are not the partner."""
        heeded = "It is not listened to." if is_unicast else "It may take the virtual IPs."
        for stranger in strangers:
            if stranger not in self._strangers:
                self._events.record(
                    "pair",
                    f"{stranger} uses virtual router id {router_id} on this network and is not the partner. "
                    f"{heeded} Give one of the two another id.",
                )
        self._strangers = frozenset(strangers)
