"""The configuration in force: the last good lvs.cf, or until there is one, that of the previous run."""

import asyncio
import logging
from pathlib import Path

from app.lvs.model.config import Config
from app.lvs.model.problem import Problem
from app.pulse.process.config_source import ConfigSource, Loaded
from app.pulse.process.owned import OwnedState

_LOOK_EVERY_S = 0.1

log = logging.getLogger("pulse")


class CurrentConfig:
    """`config` is what pulse should apply; None: nothing good has been found yet."""

    def __init__(self, path: Path, memory: OwnedState) -> None:
        self._source = ConfigSource(path)
        self._memory = memory
        self._loaded: Loaded | None = None
        self._reading: asyncio.Task[Loaded] | None = None
        self.config: Config | None = None

    @property
    def path(self) -> Path:
        """The path of lvs.cf."""
        return self._source.path

    @property
    def refused(self) -> tuple[Problem, ...]:
        """The problems for which the file is refused as it is now; none: it is in force, or there is none yet."""
        return self._loaded.refused if self._loaded is not None and not self._is_new else ()

    @property
    def _is_new(self) -> bool:
        """Whether this director has never had a configuration: nothing is wrong then."""
        return self._loaded is not None and self._loaded.is_missing and self.config is None

    async def load(self, applied: Config | None) -> bool:
        """Read lvs.cf; return whether there is a configuration to apply, when `applied` is the last one."""
        loaded = await self._read(is_waited_for=applied is None)
        if loaded is None or loaded is self._loaded:
            return self.config is not applied
        self._loaded = loaded
        found = loaded.config is not None
        if loaded.config is not None:
            self.config = loaded.config
        elif self.config is None and (data := self._memory.last_good) is not None:
            self.config = (await asyncio.to_thread(self._source.judge, data)).config
            found = self.config is not None
        level = logging.INFO if self._is_new else logging.ERROR
        for problem in loaded.refused:
            log.log(level, "%s: %s", f"line {problem.line}" if problem.line else "lvs.cf", problem.message)
        return found

    async def _read(self, *, is_waited_for: bool) -> Loaded | None:
        """Return the file as it is; None: it names hosts that DNS is slow to find, and is read on meanwhile.

        So what is in force is repaired, and servers that fail leave it, while a new file waits for its names.
        """
        if self._reading is None:
            # In a thread: the loop must not wait for DNS.
            self._reading = asyncio.create_task(asyncio.to_thread(self._source.load))
        while not self._reading.done():
            await asyncio.wait({self._reading}, timeout=_LOOK_EVERY_S)
            if not is_waited_for and self._source.is_waiting_for_names and not self._reading.done():
                return None
        reading, self._reading = self._reading, None
        return reading.result()

    def remember_applied(self, config: Config) -> None:
        """Keep the file for the next run, if it is the one that `config` was read from."""
        loaded = self._loaded
        if loaded is not None and loaded.config is config and loaded.data is not None:
            self._memory.remember_good(loaded.data)
