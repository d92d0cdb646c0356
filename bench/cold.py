"""A whole table for a kernel that never had one, by each contender in turn, and the steps of our own."""

import json
import subprocess
import sys
import time
from collections import defaultdict

from app.lvs.desired.table import desired
from app.lvs.ipvs.table import service_order
from bench.figures import OURS
from bench.phases import COLD_APPLY, COLD_PULSE, FAULTS
from bench.processes import running
from bench.tables import keepalived_conf, rules, table_of
from bench.workbench import CLONE, RUNS, Bench


def cold(bench: Bench, size: int) -> None:
    """Let each contender fill the table, several times in turn."""
    config = table_of(size)
    wanted = desired(config)
    last = max(wanted.values(), key=lambda service: service_order(service.key))
    saved = bench.put("rules", rules(config))
    conf = bench.put("keepalived.conf", keepalived_conf(config))
    bench.put_lvs_cf(config)
    apply = (str(bench.installation.command), "apply", str(bench.installation.lvs_cf))
    times: dict[str, list[float]] = defaultdict(list)
    taken_up: list[float] = []
    for _ in range(RUNS):
        with bench.fresh():
            times[f"{OURS} apply"].append(bench.timed(*apply))
            bench.wait_until_held(wanted)
        with bench.fresh():
            times["ipvsadm -R"].append(bench.timed("ipvsadm", "-R", stdin=saved))
            bench.wait_until_held(wanted)
        for name, daemon in (
            (f"{OURS} pulse", bench.installation.pulse),
            ("keepalived", bench.keepalived(conf)),
        ):
            with bench.fresh():
                begun = time.perf_counter()
                with running(daemon, bench.log, bench.environment):
                    bench.wait_for(last)
                    times[name].append((time.perf_counter() - begun) * 1000)
                    bench.wait_until_held(wanted)
                    if name.startswith(OURS):
                        taken_up.append(bench.status()["applied"]["duration_ms"])
    for name, values in times.items():
        bench.figures.add("cold apply", size, name, values)
    _phases(bench, size)
    figures = bench.figures
    figures.add(COLD_PULSE, size, "Python starts, loading modules", _modules("app.commands.pulse"))
    figures.add(COLD_PULSE, size, "applying the configuration, with the virtual IPs", taken_up)


def _phases(bench: Bench, size: int) -> None:
    """Measure the steps of a cold apply."""
    found: dict[str, list[tuple[float, int]]] = defaultdict(list)
    for _ in range(RUNS):
        with bench.fresh():
            command = [sys.executable, "-m", "bench.phases", str(bench.installation.lvs_cf), str(time.monotonic())]
            done = subprocess.run(command, cwd=CLONE, capture_output=True, text=True, check=True)
        for step, (took_ms, pages) in json.loads(done.stdout).items():
            found[step].append((took_ms, pages))
    for step, values in found.items():
        bench.figures.add(COLD_APPLY, size, step, [took_ms for took_ms, _ in values])
    for step, values in found.items():
        bench.figures.add(FAULTS, size, step, [pages for _, pages in values], "pages")


def _modules(name: str) -> list[float]:
    """Return how long it takes to start Python and load a module with all it needs, in milliseconds."""
    times = []
    for _ in range(RUNS):
        begun = time.perf_counter()
        subprocess.run([sys.executable, "-c", f"import app.cli, {name}"], cwd=CLONE, check=True)
        times.append((time.perf_counter() - begun) * 1000)
    return times
