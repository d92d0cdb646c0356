"""Whole requests that wait for a thread, and whose turn is next: who is known comes before strangers.

Among themselves the places take turns, however much each asks. Strangers are given some of the threads only: they
share the interpreter with the others. A request that was sent before the answer to the last one of its connection
waits until nobody else does. No browser does that; who does it and reads no answer would otherwise be served
before those who wait. Of the requests with a large body one is answered at a time: what is made of it takes many
times its memory.
"""

from collections import deque

from app.web.server.client import Client


class RequestQueue:
    """Of one process; `place` is where a client comes from."""

    def __init__(self, strangers_max: int) -> None:
        """Have at most `strangers_max` requests of strangers answered at once."""
        self._strangers_max = strangers_max
        self._strangers_in_work: set[Client] = set()
        self._known, self._strangers = Turns(), Turns()
        self._hasty: deque[Client] = deque()
        self._large: deque[Client] = deque()
        self._large_in_work: Client | None = None

    def put(self, client: Client, place: str) -> None:
        """Add a client whose request is whole."""
        if client.is_large:
            self._large.append(client)
        elif client.is_hasty:
            self._hasty.append(client)
        else:
            (self._known if client.is_known else self._strangers).put(client, place)

    def next(self) -> Client | None:
        """Remove and return the client whose turn it is; None: nobody waits that may be answered now."""
        if self._large and self._large_in_work is None:
            self._large_in_work = self._large.popleft()
            return self._large_in_work
        if (client := self._known.next()) is not None:
            return client
        if len(self._strangers_in_work) >= self._strangers_max:
            return None
        if (client := self._strangers.next()) is None:
            client = self._hasty.popleft() if self._hasty else None
        if client is not None:
            self._strangers_in_work.add(client)
        return client

    def done(self, client: Client) -> None:
        """Note that the request of `client` has been answered."""
        self._strangers_in_work.discard(client)
        if client is self._large_in_work:
            self._large_in_work = None


class Turns:
    """Clients that wait, and the places they come from, in the order of their turns."""

    def __init__(self) -> None:
        self._waiting: dict[str, deque[Client]] = {}

    def put(self, client: Client, place: str) -> None:
        """Add a client to those of its place."""
        self._waiting.setdefault(place, deque()).append(client)

    def next(self) -> Client | None:
        """Remove and return the first client of the place whose turn it is; None: nobody waits."""
        if not self._waiting:
            return None
        place = next(iter(self._waiting))
        waiting = self._waiting.pop(place)
        client = waiting.popleft()
        if waiting:
            # To the end of the places.
            self._waiting[place] = waiting
        return client
