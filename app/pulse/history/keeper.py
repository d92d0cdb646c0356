"""All that pulse keeps of the past beside its events: the traffic, and the table as it was."""

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
    """Keeps in `directory` what becomes of that which `held` returns; None: nothing is known now."""

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
        """Keep it for as long as the block lasts."""
        tasks = [asyncio.create_task(keeping) for keeping in (self._history.run(), self._tables.run())]
        for task in tasks:
            task.add_done_callback(_say_end)
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()


def _say_end(task: asyncio.Task[None]) -> None:
    """Say that a task ended by a defect of ours; pulse goes on without it."""
    error = None if task.cancelled() else task.exception()
    if error is not None:
        log.error("history is no longer kept until pulse is started again: %r", error, exc_info=error)
