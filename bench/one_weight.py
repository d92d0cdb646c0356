"""Measures the steps of pulse from a changed weight in the file to the kernel.

Does what `app/pulse/process/config_source.py` and `app/pulse/daemon.py` do between the two, with the same objects,
in sequence. It excludes the notification of the file change and the switch to a thread and back.
"""

import asyncio
import tempfile
import time
from collections import defaultdict
from pathlib import Path

from app.host.files.atomic_file import read
from app.host.gc_tuning import keep_freed_memory
from app.host.names import PatientNames
from app.lvs.desired.table import ServiceCache as DesiredMemory
from app.lvs.desired.table import desired
from app.lvs.grammar.reader import ConfigReader
from app.lvs.health.judge import HealthJudge
from app.lvs.rules.rulebook import ProblemCache as RulesMemory
from app.lvs.rules.rulebook import check, judged_for_running
from app.pulse.process.owned import OwnedState
from app.pulse.table.keeper import TableKeeper
from bench.lvs_cf import with_one_weight_changed
from bench.tables import table_of
from bench.workbench import RUNS, Bench

ONE_WEIGHT = "steps of one weight, file to kernel"
_FIRST = 20


class Follower:
    """Reads the file as pulse does, and records the milliseconds of each step."""

    def __init__(self, bench: Bench, directory: Path) -> None:
        self._path = bench.installation.lvs_cf
        self._reader = ConfigReader(PatientNames())
        self._rules = RulesMemory()
        self._memory = DesiredMemory()
        self._judgement = HealthJudge()
        self._keeper = TableKeeper(bench.ipvs, OwnedState(directory))
        self.steps: dict[str, list[float]] = defaultdict(list)

    def follow(self) -> None:
        """Apply the file to the kernel."""
        self._at = time.perf_counter()
        data = read(self._path)
        assert data is not None  # noqa: S101 - written by us
        self._end("reading the file")
        config = self._reader.read(data).config
        assert config is not None  # noqa: S101 - written by us
        self._end("finding the changes in it")
        judged_for_running(config, check(config, memory=self._rules))
        self._end("the rules")
        self._judgement.apply_config(config, self._keeper.table, time.monotonic(), time.time())
        self._end("setting up checks and health states")
        self._keeper.wanted = desired(config, self._memory, self._judgement.health)
        self._end("computing the desired table")
        asyncio.run(self._keeper.converge())
        self._end("the plan, changing the kernel, reading back")

    def _end(self, step: str) -> None:
        now = time.perf_counter()
        self.steps[step].append((now - self._at) * 1000)
        self._at = now


def one_weight(bench: Bench, size: int) -> None:
    """Measure the steps at this size."""
    config = table_of(size)
    bench.put_lvs_cf(config)
    bench.empty()
    keep_freed_memory()
    with tempfile.TemporaryDirectory(prefix="bench") as name:
        follower = Follower(bench, Path(name))
        follower.follow()
        follower.steps.clear()
        for weight in range(_FIRST, _FIRST + RUNS):
            bench.put_lvs_cf(with_one_weight_changed(config, weight))
            follower.follow()
    for step, values in follower.steps.items():
        bench.figures.add(ONE_WEIGHT, size, step, values)
