"""The work on the history's files: in a thread, one piece at a time, so that a slow disk keeps nobody waiting.

A disk that takes nothing costs history and no more. That is said once, and once that it takes some again.
"""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar

from app.pulse.process.control import VerbRefused

log = logging.getLogger("pulse")

Arguments = ParamSpec("Arguments")
Found = TypeVar("Found")


class Disk:
    """The directory `path`, for all who keep something there."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._turn = asyncio.Lock()
        self._is_failing = False

    async def keep(
        self, act: Callable[Arguments, object], *arguments: Arguments.args, **named: Arguments.kwargs
    ) -> None:
        """Do `act`; if it cannot be done, say so."""
        try:
            async with self._turn:
                await asyncio.to_thread(act, *arguments, **named)
        except OSError as error:
            if not self._is_failing:
                log.error(
                    "history cannot be kept in %s (%s): make the directory, writable for this user, or set "
                    "PALOMETA_HISTORY_DIRECTORY to one that is",
                    self.path,
                    error.strerror or error,
                )
            self._is_failing = True
        else:
            if self._is_failing:
                log.info("history is kept in %s again", self.path)
            self._is_failing = False

    async def find(
        self, act: Callable[Arguments, Found], *arguments: Arguments.args, **named: Arguments.kwargs
    ) -> Found:
        """Return what `act` finds; raise VerbRefused."""
        try:
            async with self._turn:
                return await asyncio.to_thread(act, *arguments, **named)
        except OSError as error:
            raise VerbRefused(f"the history in {self.path} cannot be read: {error.strerror or error}") from error
