"""The work on the history's files: in a thread, one job at a time, so that a slow disk delays nothing else.

If the disk cannot be written, only history is lost. That is logged once, and once when it works again.
"""

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import ParamSpec, TypeVar

from app.host.files.rights import rights_of_owner
from app.pulse.process.control import VerbRefused

log = logging.getLogger("pulse")

Arguments = ParamSpec("Arguments")
Found = TypeVar("Found")


class Disk:
    """The directory `path`, shared by everything that is kept there."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._turn = asyncio.Lock()
        self._is_failing = False

    async def keep(
        self, act: Callable[Arguments, object], *arguments: Arguments.args, **named: Arguments.kwargs
    ) -> None:
        """Run `act`; log it if it fails."""
        try:
            async with self._turn:
                await asyncio.to_thread(self._act, partial(act, *arguments, **named))
        except OSError as error:
            if not self._is_failing:
                log.error(
                    "history cannot be written to %s (%s): create the directory, writable for this user, or set "
                    "PALOMETA_HISTORY_DIRECTORY to one that is",
                    self.path,
                    error.strerror or error,
                )
            self._is_failing = True
        else:
            if self._is_failing:
                log.info("history is written to %s again", self.path)
            self._is_failing = False

    async def find(
        self, act: Callable[Arguments, Found], *arguments: Arguments.args, **named: Arguments.kwargs
    ) -> Found:
        """Return the result of `act`; raise VerbRefused."""
        try:
            async with self._turn:
                return await asyncio.to_thread(self._act, partial(act, *arguments, **named))
        except OSError as error:
            raise VerbRefused(f"the history in {self.path} cannot be read: {error.strerror or error}") from error

    def _act(self, act: Callable[[], Found]) -> Found:
        # Of this thread alone, and only while it does this.
        with rights_of_owner(self.path):
            return act()
