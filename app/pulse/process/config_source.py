"""lvs.cf as pulse sees it: read when it changed, judged, and the last good one kept."""

from dataclasses import dataclass
from pathlib import Path

from app.host.gc_tuning import without_collecting
from app.host.lvs_cf_file import LvsCfUnreadable, read
from app.host.names import PatientNames
from app.lvs.grammar.positions import located
from app.lvs.grammar.reader import ConfigReader
from app.lvs.model.config import Config
from app.lvs.model.problem import Problem, Severity
from app.lvs.rules.rulebook import ProblemCache as RulesMemory
from app.lvs.rules.rulebook import check, is_refused, judged_for_running


@dataclass(frozen=True, slots=True)
class Loaded:
    """The file at one moment. `config` is None when it is refused; `problems` then say why."""

    data: bytes | None
    config: Config | None
    problems: tuple[Problem, ...]

    @property
    def refused(self) -> tuple[Problem, ...]:
        """The problems to show when the file is not the configuration that runs."""
        if self.config is not None:
            return ()
        return tuple(problem for problem in self.problems if problem.severity is Severity.ERROR)


class ConfigSource:
    """Reads lvs.cf; a text seen before is not read again."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._names = PatientNames()
        self._reader = ConfigReader(self._names)
        self._rules_memory = RulesMemory()
        self._last: Loaded | None = None

    def load(self) -> Loaded:
        """Return the file as it is now; a file that is missing or cannot be read is refused, with what to do."""
        try:
            data = read(self.path)
        except LvsCfUnreadable as unreadable:
            return self._remember(_refused(str(unreadable)))
        if data is None:
            return self._remember(
                _refused(
                    f"{self.path} is not there: press ACCEPT on a page of the web part, or copy your lvs.cf to "
                    "this path. Until then nothing is changed in the kernel."
                )
            )
        if self._last is not None and self._last.data == data:
            return self._last
        return self._remember(self.judge(data))

    @without_collecting()
    def judge(self, data: bytes) -> Loaded:
        """Return `data` understood and judged by the rules."""
        self._names.renew()
        reading = self._reader.read(data)
        if reading.config is None:
            return Loaded(data, None, reading.problems)
        found = judged_for_running(reading.config, check(reading.config, memory=self._rules_memory))
        problems = (*reading.problems, *located(reading.config, found))
        return Loaded(data, None if is_refused(problems) else reading.config, problems)

    def _remember(self, loaded: Loaded) -> Loaded:
        # Equal to the last one is that very one, so that nobody takes it for a change.
        if self._last != loaded:
            self._last = loaded
        return self._last


def _refused(sentence: str) -> Loaded:
    return Loaded(None, None, (Problem(Severity.ERROR, (), sentence),))
