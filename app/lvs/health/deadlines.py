"""When something changes without a new result: damping ends, slow start continues, `admin_until` passes."""

from collections.abc import Iterable, Iterator
from heapq import heapify, heappop, heappush

from app.lvs.health.monitored import MonitoredServer, MonitoredVirtual


class Deadlines:
    """Two queues: reviews by the time of the checks, administrative states by the time since the epoch."""

    def __init__(self) -> None:
        self._reviews: list[tuple[float, int, MonitoredVirtual]] = []
        self._admin_ends: list[tuple[float, int, MonitoredVirtual, MonitoredServer]] = []
        self._pushed = 0

    def reset(self, virtuals: Iterable[MonitoredVirtual]) -> None:
        """Forget all deadlines but those of `virtuals`."""
        self._reviews, self._admin_ends = [], []
        for monitored in virtuals:
            self.add_review(monitored)
            for server in monitored.servers:
                if server is not None and server.admin.until is not None:
                    self._pushed += 1
                    self._admin_ends.append((server.admin.until, self._pushed, monitored, server))
        heapify(self._admin_ends)

    def add_review(self, monitored: MonitoredVirtual) -> None:
        """Remember when a virtual server is due for review, if it is."""
        if monitored.due is not None:
            self._pushed += 1
            heappush(self._reviews, (monitored.due, self._pushed, monitored))

    def ended_admin_states(self, clock_s: float) -> Iterator[tuple[MonitoredVirtual, MonitoredServer]]:
        """Remove and yield the servers whose administrative state has ended by `clock_s`."""
        while self._admin_ends and self._admin_ends[0][0] <= clock_s:
            _, _, monitored, server = heappop(self._admin_ends)
            yield monitored, server

    def due_reviews(self, now: float) -> Iterable[MonitoredVirtual]:
        """Remove and return the virtual servers that are due by `now`, each once."""
        found: dict[int, MonitoredVirtual] = {}
        while self._reviews and self._reviews[0][0] <= now:
            at, _, monitored = heappop(self._reviews)
            if monitored.due == at:
                found[id(monitored)] = monitored
        return found.values()
