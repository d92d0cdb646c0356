"""Whole requests that wait for a thread, and whose turn is next: the places take turns, however much each asks.

A request that was sent before the answer to the last one of its connection waits until nobody else does. No
browser does that; who does it and reads no answer would otherwise be served before those who wait for a page.
Of the requests with a large body one is answered at a time: what is made of it takes many times its memory.
"""

from collections import deque

from app.web.server.client import Client


class RequestQueue:
    """Of one process; `place` is where a client comes from."""

    def __init__(self) -> None:
        self._turns: dict[str, deque[Client]] = {}
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
            self._turns.setdefault(place, deque()).append(client)

    def next(self) -> Client | None:
        """Remove and return the client whose turn it is; None: nobody waits."""
        if self._large and self._large_in_work is None:
            self._large_in_work = self._large.popleft()
            return self._large_in_work
        if not self._turns:
            return self._hasty.popleft() if self._hasty else None
        place = next(iter(self._turns))
        waiting = self._turns.pop(place)
        client = waiting.popleft()
        if waiting:
            # To the end of the places.
            self._turns[place] = waiting
        return client

    def done(self, client: Client) -> None:
        """Note that the request of `client` has been answered."""
        if client is self._large_in_work:
            self._large_in_work = None
