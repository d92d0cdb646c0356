"""The configuration in force: the last good lvs.cf, or until there is one, that of the previous run."""

import asyncio
import logging
from pathlib import Path

from app.lvs.model.config import Config
from app.lvs.model.problem import Problem
from app.pulse.process.config_source import ConfigSource, Loaded
from app.pulse.process.owned import OwnedState

log = logging.getLogger("pulse")


class CurrentConfig:
    """`config` is what pulse should apply; None: nothing good has been found yet."""

    def __init__(self, path: Path, memory: OwnedState) -> None:
        self._source = ConfigSource(path)
        self._memory = memory
        self._loaded: Loaded | None = None
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
        # In a thread: a host name in the file may have to wait for DNS, and the loop must not.
        loaded = await asyncio.to_thread(self._source.load)
        if loaded is self._loaded:
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

    def remember_applied(self, config: Config) -> None:
        """Keep the file for the next run, if it is the one that `config` was read from."""
        loaded = self._loaded
        if loaded is not None and loaded.config is config and loaded.data is not None:
            self._memory.remember_good(loaded.data)
