"""The history that pulse keeps in addition to its events: the traffic, and snapshots of the table."""

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from app.pulse.history.disk import Disk
from app.pulse.history.table_snapshots import TableSnapshots, TableState
from app.pulse.history.traffic import TrafficHistory
from app.pulse.process.control import Verb

log = logging.getLogger("pulse")


class HistoryKeeper:
    """Keeps the history in `directory`; `held` returns the current state, None: it is unknown."""

    def __init__(self, held: Callable[[], TableState | None], directory: Path) -> None:
        disk = Disk(directory)
        self._history = TrafficHistory(lambda: now.readings if (now := held()) else None, disk)
        self._tables = TableSnapshots(held, disk)
        self.verbs: dict[str, Verb] = {
            "history": self._history.answer,
            "table_at": self._tables.answer,
            "held": self._tables.now,
        }

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Keep the history while the block runs."""
        tasks = [asyncio.create_task(keeping) for keeping in (self._history.run(), self._tables.run())]
        for task in tasks:
            task.add_done_callback(_log_end)
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()


def _log_end(task: asyncio.Task[None]) -> None:
    """Log that a task ended by a bug; pulse continues without it."""
    error = None if task.cancelled() else task.exception()
    if error is not None:
        log.error("history is no longer kept until pulse is restarted: %r", error, exc_info=error)
