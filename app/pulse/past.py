"""All that pulse keeps of the past beside its events: the traffic, and the table as it was."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from app.pulse.control import Verb
from app.pulse.disk import Disk
from app.pulse.history import History
from app.pulse.past_tables import Held, PastTables


class Past:
    """Keeps in `directory` what becomes of that which `held` returns; None: nothing is known now."""

    def __init__(self, held: Callable[[], Held | None], directory: Path) -> None:
        disk = Disk(directory)
        self._history = History(lambda: now.readings if (now := held()) else None, disk)
        self._tables = PastTables(held, disk)
        self.verbs: dict[str, Verb] = {"history": self._history.answer, "table_at": self._tables.answer}

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Keep it for as long as the block lasts."""
        tasks = [asyncio.create_task(keeping) for keeping in (self._history.run(), self._tables.run())]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
