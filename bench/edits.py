"""Changes of a running configuration: one weight, one service, everything; from the file to the kernel."""

import signal
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import count

from app.host.files.atomic_file import prepare
from app.lvs.desired.table import desired
from app.lvs.model.config import Config
from bench.figures import OURS
from bench.lvs_cf import with_one_weight_changed
from bench.processes import running
from bench.tables import keepalived_conf, lvs_cf, middle, rules, table_of, with_weight
from bench.workbench import RUNS, Bench, milliseconds

ROUNDS = 2
"""How often the daemon of each contender is started, in turn."""
WEIGHTS = 7
"""How often one weight is changed in a row; only the first change after a start is cold."""

Ready = Callable[[Config], Callable[[], object]]
"""Writes a configuration to a file and returns the function that notifies the daemon; only that is timed."""
Times = dict[str, list[float]]


def edits(bench: Bench, size: int) -> None:
    """Let each contender apply the same changes."""
    config = table_of(size)
    conf = bench.put("keepalived.conf", keepalived_conf(config))
    ours: Times = defaultdict(list)
    theirs: Times = defaultdict(list)
    for _ in range(ROUNDS):
        bench.put_lvs_cf(config)
        bench.empty()
        with running(bench.installation.pulse, bench.log, bench.environment):
            bench.wait_until_held(desired(config))
            _follow(bench, config, ours, _renaming(bench))
        conf.write_text(keepalived_conf(config))
        bench.empty()
        with running(bench.keepalived(conf), bench.log) as process:
            bench.wait_until_held(desired(config))

            def reloading(changed: Config) -> Callable[[], object]:
                conf.write_text(keepalived_conf(changed))
                return partial(process.send_signal, signal.SIGHUP)

            _follow(bench, config, theirs, reloading)
    for case in ours:
        bench.figures.add(case, size, f"{OURS}, file to kernel", ours[case])
        bench.figures.add(case, size, "keepalived SIGHUP", theirs[case])
    _as_scripts_do(bench, config, size)


def _renaming(bench: Bench) -> Ready:
    """Return a function that writes a new lvs.cf with the next serial next to the old one, to be renamed."""
    serials = count(2)

    def ready(changed: Config) -> Callable[[], object]:
        data = lvs_cf(replace(changed, serial_no=next(serials)))
        return prepare(bench.installation.lvs_cf, data).publish

    return ready


def _follow(bench: Bench, config: Config, times: Times, ready: Ready) -> None:
    """Make every kind of change and record the time until it is in the kernel."""

    def change(case: str, changed: Config, until: Callable[[], object]) -> None:
        tell = ready(changed)
        times[case].append(milliseconds(lambda: (tell(), until())))

    for weight in range(2, 2 + WEIGHTS):
        changed = with_one_weight_changed(config, weight)
        change("one weight", changed, partial(bench.wait_for, middle(changed)))
    shorter = replace(config, virtual=config.virtual[:-1])
    last = list(desired(config).values())[-1]
    for _ in range(RUNS):
        change("one service removed", shorter, partial(bench.wait_until_gone, last.key))
        change("one service added", config, partial(bench.wait_for, last))
    for weight in range(2, 2 + RUNS):
        changed = with_weight(config, weight)
        change("everything replaced", changed, partial(bench.wait_until_held, desired(changed)))
    ready(config)()
    bench.wait_until_held(desired(config))


def _as_scripts_do(bench: Bench, config: Config, size: int) -> None:
    """Change one weight by emptying and restoring the table."""
    saved = bench.put("rules", rules(with_one_weight_changed(config, 9)))

    def again() -> None:
        bench.timed("ipvsadm", "-C")
        bench.timed("ipvsadm-restore", stdin=saved)

    bench.figures.add(
        "one weight", size, "ipvsadm -C, ipvsadm-restore", [milliseconds(again) for _ in range(RUNS)]
    )
