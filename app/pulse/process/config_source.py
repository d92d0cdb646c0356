"""lvs.cf as pulse reads it: read when it has changed, checked by the rules, and the last reading kept."""

from dataclasses import dataclass
from pathlib import Path

from app.host.files.atomic_file import FileUnreadable, read
from app.host.gc_tuning import without_collecting
from app.host.names import PatientNames
from app.lvs.grammar.positions import located
from app.lvs.grammar.reader import ConfigReader
from app.lvs.model.config import Config
from app.lvs.model.problem import Problem, Severity
from app.lvs.rules.rulebook import ProblemCache as RulesMemory
from app.lvs.rules.rulebook import check, is_refused, judged_for_running

WAITED_FOR_S = 0.5
"""How long the table and its servers wait for a host name of a new lvs.cf."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """The file at one time. `config` is None if it is missing or refused; `problems` then say why.

    `data` is None if there is no file to be read.
    """

    data: bytes | None
    config: Config | None
    problems: tuple[Problem, ...]
    is_missing: bool = False

    @property
    def refused(self) -> tuple[Problem, ...]:
        """The problems for which the file is refused; empty: it is not."""
        if self.config is not None:
            return ()
        return tuple(problem for problem in self.problems if problem.severity is Severity.ERROR)


class ConfigSource:
    """Reads lvs.cf; unchanged contents are not parsed again."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._names = PatientNames()
        self._reader = ConfigReader(self._names)
        self._rules_memory = RulesMemory()
        self._last: Loaded | None = None

    @property
    def is_waiting_for_names(self) -> bool:
        """Whether a reading in another thread has waited for the DNS long enough that others should go on."""
        return self._names.waiting_s > WAITED_FOR_S

    def load(self) -> Loaded:
        """Return the file as it is now; one that is missing or unreadable is refused, with what to do."""
        try:
            data = read(self.path)
        except FileUnreadable as unreadable:
            return self._remember(_refused(str(unreadable)))
        if data is None:
            return self._remember(
                _refused(
                    f"{self.path} does not exist: press ACCEPT on a page of the web part, or copy your lvs.cf to "
                    "this path. Until then the kernel is not changed.",
                    is_missing=True,
                )
            )
        if self._last is not None and self._last.data == data:
            return self._last
        return self._remember(self.judge(data))

    @without_collecting()
    def judge(self, data: bytes) -> Loaded:
        """Return `data` parsed and checked by the rules."""
        self._names.renew()
        reading = self._reader.read(data)
        if reading.config is None:
            return Loaded(data, None, reading.problems)
        found = judged_for_running(reading.config, check(reading.config, memory=self._rules_memory))
        problems = (*reading.problems, *located(reading.config, found))
        return Loaded(data, None if is_refused(problems) else reading.config, problems)

    def _remember(self, loaded: Loaded) -> Loaded:
        # An equal reading is the same object, so that it is not mistaken for a change.
        if self._last != loaded:
            self._last = loaded
        return self._last


def _refused(sentence: str, *, is_missing: bool = False) -> Loaded:
    return Loaded(None, None, (Problem(Severity.ERROR, (), sentence),), is_missing)
