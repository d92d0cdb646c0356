"""The cases that need a kernel's IPVS: ``python -m bench.kernel SIZE...``, called inside it by `make bench`.

Each contender gets the same table in the same run, in turn; what is timed ends when the kernel holds it.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from app.host.control_client import PulseRefused, PulseUnreachable, ask
from app.host.ipvs import IPVS
from app.host.lvs_cf import prepare
from app.lvs.config import Config
from app.lvs.desired import desired
from app.lvs.ipvsadm import listing
from app.lvs.table import Service, Table, service_order
from bench.changing import under_load
from bench.checking import checking
from bench.figures import OURS, Figures
from bench.lvs_cf import with_one_weight_changed
from bench.pages import Pages
from bench.processes import calls_over, memory_mb, running, used_over
from bench.tables import keepalived_conf, lvs_cf, rules, table_of, with_weight
from lab.installation import Installation

CLONE = Path(__file__).resolve().parent.parent
RUNS = 3
IDLE_S = 20.0
TRACED_S = 5.0
PATIENCE_S = 180.0
_AGAIN_S = 0.002


class Bench:
    """What every case needs: the kernel's table, a directory, the installation, and where the figures go."""

    def __init__(self, directory: Path, ipvs: IPVS, figures: Figures) -> None:
        self.directory = directory
        self.ipvs = ipvs
        self.figures = figures
        self.log = directory / "log"
        self.installation = Installation(
            command=CLONE / ".venv/bin/palometa",
            directory=directory / "palometa",
            runtime_directory=directory / "palometa/run",
        )
        (directory / "palometa").mkdir()
        self.installation.prepare()
        self.environment = self.installation.environment({"PATH": os.environ["PATH"]})

    def put_lvs_cf(self, config: Config) -> None:
        """Replace lvs.cf as the web part does."""
        path = self.installation.lvs_cf
        path.parent.mkdir(exist_ok=True)
        if not path.exists():
            path.touch(0o644)
        prepare(path, lvs_cf(config)).publish()

    def put(self, name: str, text: str) -> Path:
        """Write a file of a contender."""
        path = self.directory / name
        path.write_text(text)
        return path

    def empty(self) -> None:
        """Empty the kernel's table, and forget what was ours in it."""
        subprocess.run(["ipvsadm", "-C"], check=True)
        for name in ("owned.json", "applied.cf"):
            (self.installation.runtime_directory / name).unlink(missing_ok=True)

    def wait_until_held(self, table: Table) -> None:
        """Return when the kernel holds `table`: its last service at first, which is cheap to ask for."""
        self.wait_for(max(table.values(), key=lambda service: service_order(service.key)))
        deadline = time.monotonic() + PATIENCE_S
        while self.ipvs.read()[0] != table:
            if time.monotonic() > deadline:
                raise RuntimeError(f"the kernel does not hold the table; {self.log.read_text()[-2000:]}")

    def wait_for(self, service: Service | None, key: object = None) -> None:
        """Return when the kernel holds `service` as it is, or, when that is None, none of `key`."""
        deadline = time.monotonic() + PATIENCE_S
        asked = service.key if service is not None else key
        while self.ipvs.read_services([asked])[0].get(asked) != service:  # type: ignore[list-item,call-overload]
            if time.monotonic() > deadline:
                raise RuntimeError(f"the kernel does not hold {asked}; {self.log.read_text()[-2000:]}")
            time.sleep(_AGAIN_S)

    def timed(self, *command: str, stdin: Path | None = None) -> float:
        """Run `command` and return its milliseconds."""
        begun = time.perf_counter()
        with (stdin or Path(os.devnull)).open("rb") as given, self.log.open("ab") as log:
            subprocess.run(command, stdin=given, stdout=log, stderr=log, check=False, env=self.environment)
        return (time.perf_counter() - begun) * 1000


def milliseconds(what: Callable[[], object]) -> float:
    """Return how long `what` takes."""
    begun = time.perf_counter()
    what()
    return (time.perf_counter() - begun) * 1000


def cold(bench: Bench, size: int) -> None:
    """From an empty kernel to the whole table."""
    config = table_of(size)
    wanted = desired(config)
    saved = bench.put("rules", rules(config))
    conf = bench.put("keepalived.conf", keepalived_conf(config))
    bench.put_lvs_cf(config)
    times: dict[str, list[float]] = {
        name: [] for name in (f"{OURS} apply", f"{OURS} pulse", "keepalived", "ipvsadm -R")
    }
    for _ in range(RUNS):
        bench.empty()
        command = (str(bench.installation.command), "apply", str(bench.installation.lvs_cf))
        times[f"{OURS} apply"].append(bench.timed(*command))
        bench.wait_until_held(wanted)
        bench.empty()
        times["ipvsadm -R"].append(bench.timed("ipvsadm", "-R", stdin=saved))
        bench.wait_until_held(wanted)
        for name, daemon in (
            (f"{OURS} pulse", bench.installation.pulse),
            ("keepalived", keepalived(bench, conf)),
        ):
            bench.empty()
            begun = time.perf_counter()
            with running(daemon, bench.log, bench.environment):
                last = max(wanted.values(), key=lambda service: service_order(service.key))
                bench.wait_for(last)
                times[name].append((time.perf_counter() - begun) * 1000)
                bench.wait_until_held(wanted)
    for name, values in times.items():
        bench.figures.add("cold apply", size, name, values)


def keepalived(bench: Bench, conf: Path) -> list[str]:
    """Return keepalived's command line: its checkers only."""
    pid = bench.directory / "keepalived.pid"
    return ["keepalived", "-n", "-l", "-C", "-f", str(conf), "-p", str(pid), "-c", f"{pid}.checkers"]


def changes(bench: Bench, size: int) -> None:
    """Onto a table that is right; one weight, one service, everything; reading; idling; memory; the pages."""
    config = table_of(size)
    wanted = desired(config)
    bench.empty()
    saved = bench.put("rules", rules(config))
    bench.timed("ipvsadm", "-R", stdin=saved)
    bench.wait_until_held(wanted)
    figures = bench.figures
    figures.add(
        "read the table with counters",
        size,
        OURS,
        [milliseconds(lambda: read_and_list(bench)) for _ in range(RUNS)],
    )
    figures.add(
        "read the table with counters",
        size,
        "ipvsadm -Ln --stats",
        [bench.timed("ipvsadm", "-Ln", "--stats") for _ in range(RUNS)],
    )
    bench.put_lvs_cf(config)
    with running(bench.installation.pulse, bench.log, bench.environment) as pulse:
        applied = wait_applied(bench)
        figures.add("adopt a right table", size, OURS, [applied["duration_ms"]])
        figures.add("writes when adopting a right table", size, OURS, [applied["changes"]], "changes")
        figures.add("memory", size, f"{OURS} pulse", [memory_mb(pulse.pid)], "MB")
        time.sleep(2)
        figures.add("processor, idle", size, OURS, [used_over(pulse.pid, IDLE_S)], "%")
        if (calls := calls_over(pulse.pid, TRACED_S)) is not None:
            figures.add("system calls, idle", size, OURS, [calls], "a second")
        timed_changes(bench, config, size)
        with Pages(bench.installation, bench.environment, bench.log) as pages:
            pages.measure(bench, config, size)
    conf = bench.put("keepalived.conf", keepalived_conf(config))
    bench.empty()
    with running(keepalived(bench, conf), bench.log) as process:
        bench.wait_until_held(wanted)
        time.sleep(2)
        figures.add("memory", size, "keepalived", [memory_mb(process.pid)], "MB")
        figures.add("processor, idle", size, "keepalived", [used_over(process.pid, IDLE_S)], "%")
        if (calls := calls_over(process.pid, TRACED_S)) is not None:
            figures.add("system calls, idle", size, "keepalived", [calls], "a second")
        values = []
        for weight in range(2, 2 + RUNS):
            changed = with_one_weight_changed(config, weight)
            text = keepalived_conf(changed)
            begun = time.perf_counter()
            conf.write_text(text)
            process.send_signal(1)
            bench.wait_for(middle(changed))
            values.append((time.perf_counter() - begun) * 1000)
        figures.add("one weight", size, "keepalived SIGHUP", values)
    bench.empty()
    other_rules = bench.put("rules", rules(with_one_weight_changed(config, 9)))

    def as_scripts_do() -> None:
        bench.timed("ipvsadm", "-C")
        bench.timed("ipvsadm-restore", stdin=other_rules)

    figures.add("one weight", size, "ipvsadm -C and -R", [milliseconds(as_scripts_do) for _ in range(RUNS)])


def read_and_list(bench: Bench) -> None:
    table, counters = bench.ipvs.read()
    for _ in listing(table, counters, "IPVS"):
        pass


def middle(config: Config) -> Service:
    """Return the service that `with_one_weight_changed` touches, as the kernel is to hold it."""
    return list(desired(config).values())[len(config.virtual) // 2]


def timed_changes(bench: Bench, config: Config, size: int) -> None:
    """From lvs.cf renamed to the kernel."""

    def until(changed: Config, service: Service | None, key: object = None) -> float:
        data = lvs_cf(changed)
        pending = prepare(bench.installation.lvs_cf, data)
        begun = time.perf_counter()
        pending.publish()
        bench.wait_for(service, key)
        return (time.perf_counter() - begun) * 1000

    figures = bench.figures
    serials = iter(range(2, 1000))

    def numbered(changed: Config) -> Config:
        return Config(
            **{**{name: getattr(changed, name) for name in changed.__slots__}, "serial_no": next(serials)}
        )

    values = []
    for weight in range(2, 2 + RUNS):
        changed = numbered(with_one_weight_changed(config, weight))
        values.append(until(changed, middle(changed)))
    figures.add("one weight", size, f"{OURS}, file to kernel", values)
    shorter = numbered(
        Config(**{**{name: getattr(config, name) for name in config.__slots__}, "virtual": config.virtual[:-1]})
    )
    last = list(desired(config).values())[-1]
    removed, added = [], []
    for _ in range(RUNS):
        removed.append(until(numbered(shorter), None, last.key))
        added.append(until(numbered(config), last))
    figures.add("one service removed", size, f"{OURS}, file to kernel", removed)
    figures.add("one service added", size, f"{OURS}, file to kernel", added)
    values = []
    for weight in range(2, 2 + RUNS):
        changed = numbered(with_weight(config, weight))
        begun = time.perf_counter()
        bench.put_lvs_cf(changed)
        bench.wait_until_held(desired(changed))
        values.append((time.perf_counter() - begun) * 1000)
    figures.add("everything replaced", size, f"{OURS}, file to kernel", values)
    bench.put_lvs_cf(numbered(config))
    bench.wait_until_held(desired(config))


def wait_applied(bench: Bench) -> dict[str, float]:
    """Return what pulse says of its first application."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        try:
            report = ask(bench.installation.runtime_directory / "pulse.sock", "status")
        except (PulseUnreachable, PulseRefused):
            time.sleep(0.05)
            continue
        if report["applied"]:
            applied: dict[str, float] = report["applied"]
            return applied
    raise RuntimeError(f"pulse applied nothing; {bench.log.read_text()[-2000:]}")


def main(sizes: list[int]) -> None:
    """Run all cases at each of `sizes`, and write the figures to the directory shared with the caller."""
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    subprocess.run(["ip", "link", "add", "eth0", "type", "dummy"], check=True)
    subprocess.run(["ip", "link", "set", "eth0", "up"], check=True)
    figures = Figures()
    with tempfile.TemporaryDirectory(prefix="bench") as directory, IPVS() as ipvs:
        Path(directory).chmod(0o755)
        bench = Bench(Path(directory), ipvs, figures)
        for size in sizes:
            cold(bench, size)
            changes(bench, size)
            bench.empty()
        checking(bench)
        under_load(bench)
    figures.write(Path(os.environ["PALOMETA_LAB_SHARE"]) / "figures.json")


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]])
