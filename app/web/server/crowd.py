"""The connections that wait, and which of them has to go when there are too many.

A connection without a request waits for the next one and goes first. Then the oldest goes of those that have not
sent a whole request or not taken their answer: whoever sends a request at once is new, and is served. No address
may have more of these than PLACE_MAX, except that of a trusted proxy, which speaks for many.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from ipaddress import IPv6Address, IPv6Network, ip_address

from app.web.server.client import Client, Stage

WAITING_MAX = 512
"""In each process. Each is a file descriptor; with few of these there are fewer (`descriptors`)."""
PLACE_MAX = 128
HELD_MAX = 64 << 20
"""Bytes of requests and answers in memory, in each process."""
SMALL = 64 << 10
"""Who holds no more than this is not sent away for the sake of memory."""
_NETWORK_BITS = 64
"""Somebody with one IPv6 address commonly has all of its /64."""


class Crowd:
    """Of one process."""

    def __init__(self, is_trusted_proxy: Callable[[str], bool], waiting_max: int = 0) -> None:
        """Hold at most `waiting_max` connections, 0: WAITING_MAX."""
        self._is_trusted_proxy = is_trusted_proxy
        self._waiting_max = waiting_max or WAITING_MAX
        self._idle: dict[Client, None] = {}
        self._unfinished: dict[Client, str] = {}
        self._of_place: Counter[str] = Counter()

    def __iter__(self) -> Iterator[Client]:
        yield from self._idle
        yield from self._unfinished

    def __len__(self) -> int:
        return len(self._idle) + len(self._unfinished)

    def __contains__(self, client: Client) -> bool:
        return client in self._idle or client in self._unfinished

    def add(self, client: Client) -> None:
        """Note that `client` waits; what it waits for now decides how it is counted."""
        if client.stage is Stage.IDLE:
            self._idle[client] = None
            return
        place = "" if self._is_trusted_proxy(client.address) else place_of(client.address)
        self._unfinished[client] = place
        self._of_place[place] += 1

    def remove(self, client: Client) -> None:
        """Note that `client` does not wait any more."""
        if client in self._idle:
            del self._idle[client]
        elif client in self._unfinished:
            place = self._unfinished.pop(client)
            self._of_place[place] -= 1
            if not self._of_place[place]:
                del self._of_place[place]

    def excess(self, newest: Client) -> Client | None:
        """Return the connection that has to go now that `newest` has come; None: there is room."""
        place = self._unfinished.get(newest, "")
        if place and self._of_place[place] > PLACE_MAX:
            return next(client for client, other in self._unfinished.items() if other == place)
        return self.least() if len(self) > self._waiting_max else None

    def least(self) -> Client | None:
        """Return the connection that can be missed most easily; None: nobody waits."""
        return next(iter(self), None)

    def hoarder(self, working_bytes: int) -> Client | None:
        """Return the connection that has to go for the sake of memory; None: there is enough."""
        if working_bytes + sum(client.held_bytes for client in self._unfinished) <= HELD_MAX:
            return None
        return next((client for client in self._unfinished if client.held_bytes > SMALL), None)

    def expired(self, now: float) -> list[Client]:
        """Return those that have waited for too long."""
        return [client for client in self if client.pace.deadline <= now]


def place_of(address: str) -> str:
    """Return what counts as one place: an IPv4 address, or the network of an IPv6 address."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return address
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(IPv6Network((int(parsed), _NETWORK_BITS), strict=False))
