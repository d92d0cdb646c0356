"""Announces the virtual IPs that are up: in a burst when they come up, once more later, and at an interval.

One timer serves all of them. At most `AT_ONCE` addresses are announced every `APART_S`: 500 addresses a second,
with two frames each in IPv4 and one in IPv6, so never more than 1,000 small frames a second. The addresses that
have waited longest come first: 1,000 new ones have all been announced once in two seconds, five times in ten.
"""

import asyncio
import logging
import math
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from heapq import nsmallest
from operator import attrgetter

from app.host.packets.announce import AnnounceFailed, announce
from app.lvs.desired.addresses import VirtualAddress
from app.lvs.model.values import Address

BURST = 5
"""How often a new address is announced, a second apart: as often as in Piranha, since a frame may get lost."""
BURST_APART_S = 1.0
AT_ONCE = 50
APART_S = 0.1

log = logging.getLogger("pulse")


@dataclass(slots=True)
class _Turn:
    """When an address is next due by the loop's clock, what is left of its burst, and when it is due once more."""

    virtual: VirtualAddress
    due: float
    left: int
    again_at: float


class Announcer:
    """The one owner of announcements. `send` announces on an interface; it raises AnnounceFailed."""

    def __init__(self, send: Callable[[str, Iterable[Address]], None] = announce) -> None:
        self._send = send
        self._turns: dict[VirtualAddress, _Turn] = {}
        self._again_s = 0
        self._every_s = 0
        self._timer: asyncio.TimerHandle | None = None
        self._rests_until = 0.0
        self._failures: dict[str, str] = {}

    def keep_announced(self, up: Collection[VirtualAddress], again_s: int, every_s: int) -> None:
        """Keep `up` announced, with a burst for those that are new.

        `again_s` after its burst began, an address is announced once more (0: it is not); every `every_s`, all are
        (0: never).
        """
        for gone in self._turns.keys() - set(up):
            del self._turns[gone]
        is_other_interval = every_s != self._every_s
        self._again_s, self._every_s = again_s, every_s
        if is_other_interval:
            self._set_interval()
        self.burst([virtual for virtual in up if virtual not in self._turns])
        if is_other_interval:
            self._arm()

    def burst(self, virtuals: Iterable[VirtualAddress]) -> None:
        """Announce `virtuals` as if they had just come up."""
        now = _now()
        again_at = now + self._again_s if self._again_s else math.inf
        begun = {virtual: _Turn(virtual, now, BURST, again_at) for virtual in virtuals}
        if begun:
            self._turns.update(begun)
            self._arm()

    def failure(self, interface: str) -> str:
        """Return why the last announcement on `interface` failed; empty: it succeeded."""
        return self._failures.get(interface, "")

    def stop(self) -> None:
        """Stop announcing."""
        self._turns.clear()
        if self._timer is not None:
            self._timer.cancel()

    def _set_interval(self) -> None:
        now = _now()
        for turn in self._turns.values():
            if not turn.left and turn.again_at == math.inf:
                turn.due = now + self._every_s if self._every_s else math.inf

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        due = min((turn.due for turn in self._turns.values()), default=math.inf)
        if due < math.inf:
            self._timer = asyncio.get_running_loop().call_at(max(due, self._rests_until), self._tick)

    def _tick(self) -> None:
        now = _now()
        self._rests_until = now + APART_S
        due = nsmallest(AT_ONCE, (turn for turn in self._turns.values() if turn.due <= now), key=attrgetter("due"))
        by_interface: defaultdict[str, list[Address]] = defaultdict(list)
        for turn in due:
            by_interface[turn.virtual.interface].append(turn.virtual.address)
            self._advance(turn, now)
        for interface, addresses in by_interface.items():
            self._tell(interface, addresses)
        self._arm()

    def _advance(self, turn: _Turn, now: float) -> None:
        turn.left = max(0, turn.left - 1)
        if turn.left:
            turn.due = now + BURST_APART_S
        elif turn.again_at < math.inf:
            turn.due, turn.again_at = max(turn.again_at, now + BURST_APART_S), math.inf
        else:
            turn.due = now + self._every_s if self._every_s else math.inf

    def _tell(self, interface: str, addresses: list[Address]) -> None:
        try:
            self._send(interface, addresses)
            self._failures.pop(interface, None)
        except AnnounceFailed as failed:
            # Logged once: a thousand addresses on an interface that is down would fill the journal.
            if self._failures.get(interface) != str(failed):
                log.error("%s", failed)
            self._failures[interface] = str(failed)


def _now() -> float:
    return asyncio.get_running_loop().time()
