"""Caches the problems the rules found, until the configuration or the machine changes."""

from dataclasses import dataclass
from threading import Lock

from app.host.names import PatientNames
from app.lvs.model.config import Config
from app.lvs.model.machine import Machine
from app.lvs.model.problem import Problem
from app.lvs.piranha.compatibility import beyond_piranha
from app.lvs.rules.rulebook import ProblemCache, check

KEPT = 2
"""Verdicts kept: while one configuration is edited, the one before it is asked for as well."""


@dataclass(frozen=True, slots=True)
class _Judged:
    config: Config
    machine: Machine | None
    problems: tuple[Problem, ...]


class RuleCache:
    """Serves all threads of a process. A configuration is known by being the same object, as snapshots are."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._memory = ProblemCache()
        self._verdicts: list[_Judged] = []
        self._beyond: tuple[Config, list[tuple[int, str]]] | None = None

    def problems(self, config: Config, machine: Machine | None) -> tuple[Problem, ...]:
        """Return every problem of `config` on `machine`; only virtual servers not seen before are checked."""
        with self._lock:
            for verdict in self._verdicts:
                if verdict.config is config and verdict.machine == machine:
                    return verdict.problems
            problems = check(config, machine, self._memory)
            self._verdicts = [_Judged(config, machine, problems), *self._verdicts[: KEPT - 1]]
            return problems

    def beyond(self, config: Config) -> list[tuple[int, str]]:
        """Return the lines of `config` as it is written that Piranha could not read, each with the reason."""
        known = self._beyond
        if known is None or known[0] is not config:
            known = self._beyond = (config, beyond_piranha(config, PatientNames()))
        return known[1]
