"""The cost of adopting, reading and keeping a correct table, and of a minute without work."""

import json
import subprocess
import sys
from collections import defaultdict

from app.lvs.desired.table import desired
from app.lvs.ipvs.ipvsadm import listing
from bench.adopting import ADOPTING
from bench.figures import OURS
from bench.goals import READING
from bench.processes import calls_over, memory_mb, processor_ms_a_second, running
from bench.tables import keepalived_conf, rules, table_of, with_one_address
from bench.workbench import CLONE, RUNS, Bench, milliseconds

MINUTE_S = 60.0
SHORTER_S = 15.0
TRACED_S = 10.0
SETTLES_S = 3.0


def reading(bench: Bench, size: int) -> None:
    """Read the whole table with counters, in turn; then let pulse adopt it."""
    config = table_of(size)
    bench.put_lvs_cf(config)
    bench.empty()
    bench.timed("ipvsadm", "-R", stdin=bench.put("rules", rules(config)))
    bench.wait_until_held(desired(config))
    ours, others, whole = [], [], []
    for _ in range(RUNS):
        ours.append(milliseconds(bench.ipvs.read))
        whole.append(milliseconds(lambda: _read_and_print(bench)))
        others.append(bench.timed("ipvsadm", "-Ln", "--stats"))
    figures = bench.figures
    figures.add(READING, size, f"{OURS} pulse", ours)
    figures.add(READING, size, f"{OURS}, with the listing as text", whole)
    figures.add(READING, size, "ipvsadm -Ln --stats", others)
    adopted, changes = [], []
    for _ in range(RUNS):
        for name in ("owned.json", "applied.cf"):
            (bench.installation.runtime_directory / name).unlink(missing_ok=True)
        with running(bench.installation.pulse, bench.log, bench.environment):
            applied = bench.status()["applied"]
            adopted.append(applied["duration_ms"])
            changes.append(applied["changes"])
    figures.add("adopt a correct table", size, f"{OURS} pulse", adopted)
    figures.add("adopt a correct table: changes", size, f"{OURS} pulse", changes, "changes")
    _steps(bench, size)


def _steps(bench: Bench, size: int) -> None:
    """Measure the steps of adopting; the virtual IPs are there from the last start."""
    found: dict[str, list[float]] = defaultdict(list)
    for _ in range(RUNS):
        command = [sys.executable, "-m", "bench.adopting", str(bench.installation.lvs_cf)]
        done = subprocess.run(command, cwd=CLONE, capture_output=True, text=True, check=True)
        for step, took_ms in json.loads(done.stdout).items():
            found[step].append(took_ms)
    for step, values in found.items():
        bench.figures.add(ADOPTING, size, step, values)


def _read_and_print(bench: Bench) -> None:
    table, counters = bench.ipvs.read()
    for _ in listing(table, counters, "IPVS"):
        pass


def idling(bench: Bench, size: int, is_largest: bool) -> None:
    """Measure processor time, system calls and memory of idle pulse and keepalived.

    pulse is measured with a virtual IP for each service and with one for all: what differs is their cost.
    """
    many = table_of(size)
    conf = bench.put("keepalived.conf", keepalived_conf(many))
    for name, daemon, config in (
        (f"{OURS} pulse", bench.installation.pulse, many),
        (f"{OURS} pulse, all on one virtual IP", bench.installation.pulse, with_one_address(many)),
        ("keepalived", bench.keepalived(conf), many),
    ):
        wanted = desired(config)
        bench.put_lvs_cf(config)
        bench.empty()
        with running(daemon, bench.log, bench.environment) as process:
            bench.wait_until_held(wanted)
            bench.rest(SETTLES_S)
            figures = bench.figures
            idle = processor_ms_a_second(process.pid, MINUTE_S if is_largest else SHORTER_S)
            figures.add("idle: processor time", size, name, [idle], "ms a second")
            calls = calls_over(process.pid, TRACED_S)
            if calls is None:
                figures.notes.append(f"system calls of {name} while idle, {size}: strace(1) reported nothing")
            else:
                figures.add("idle: system calls", size, name, [calls], "a second")
            figures.add("memory", size, name, [memory_mb(process.pid)], "MB")
