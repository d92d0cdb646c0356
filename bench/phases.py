"""Measures the steps of a cold `palometa apply`: `python -m bench.phases LVS_CF STARTED_AT`, run by `cold.py`.

Does what `app/commands/kernel.py` does, step by step, and prints the milliseconds of each step and the pages of
memory it touched for the first time, as JSON. STARTED_AT is the monotonic time at which the caller started it.
"""

import sys
import time
from resource import RUSAGE_SELF, getrusage

COLD_APPLY = "steps of a cold apply"
FAULTS = "pages touched in a cold apply"
START, MODULES = "Python starts", "loading modules"
TELLING, LOOKING = "changing the kernel", "reading the table back"
COLD_PULSE = "steps of pulse's cold start"


class Steps:
    """The steps so far: milliseconds and pages by name."""

    def __init__(self, started_at: float) -> None:
        self.done: dict[str, tuple[float, int]] = {}
        self._at, self._pages = started_at, 0

    def end(self, name: str) -> None:
        """Record the end of the step `name`."""
        at, pages = time.monotonic(), getrusage(RUSAGE_SELF).ru_minflt
        self.done[name] = ((at - self._at) * 1000, pages - self._pages)
        self._at, self._pages = at, pages


def main(lvs_cf: str, started_at: float) -> None:
    """Do the steps and print their cost."""
    # Imported here because loading is one of the measured steps.
    steps = Steps(started_at)
    steps.end(START)
    from pathlib import Path

    from app.cli import command_line
    from app.commands import kernel  # noqa: F401 - loads what the command loads
    from app.host.ipvs.table import IPVS
    from app.lvs.desired.table import desired
    from app.lvs.grammar.reader import parse
    from app.lvs.ipvs.diff import diff
    from app.lvs.rules.rulebook import check, judged_for_running
    from app.pulse.process.owned import OwnedState

    command_line()
    steps.end(MODULES)
    config = parse(Path(lvs_cf).read_bytes()).config
    assert config is not None  # noqa: S101 - made by us
    steps.end("reading lvs.cf")
    judged_for_running(config, check(config))
    steps.end("the rules")
    wanted = desired(config)
    steps.end("computing the desired table")
    with IPVS() as ipvs:
        table, _ = ipvs.read()
        plan = diff(table, wanted, frozenset())
        steps.end("the plan")
        OwnedState(Path(lvs_cf).parent).own(wanted, ())
        steps.end("recording owned services")
        for _ in ipvs.apply(plan.steps):
            pass
        steps.end(TELLING)
        diff(ipvs.read()[0], wanted, frozenset())
        steps.end(LOOKING)
    import json

    print(json.dumps(steps.done))


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
