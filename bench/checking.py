"""The cost of a health check: each contender checks the same targets once a second in the same kernel."""

import subprocess
import time
from collections import defaultdict
from dataclasses import dataclass

from app.lvs.model.check_kinds import CheckKind
from app.lvs.model.config import Config
from bench.answering import answering
from bench.figures import OURS
from bench.processes import memory_mb, processor_s, running
from bench.tables import keepalived_conf, ldirectord_cf, table_of
from bench.workbench import Bench

SERVERS = 10
RUNS = 2
COUNTED_S = 6.0
FIRST_ROUND_WITHIN_S = 120.0
SETTLES_S = 2.0
LDIRECTORD_TARGETS = 100
"""The largest size for ldirectord: it checks one by one, and runs ipvsadm for each server that comes up."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of check, in the configuration of each contender."""

    name: str
    ours: CheckKind
    keepalived: str
    ldirectord: str


KINDS = (
    Kind(
        "connect check",
        CheckKind.TCP,
        "TCP_CHECK {\n   connect_timeout 1\n  }",
        "\tservice=none\n\tchecktype=connect",
    ),
    Kind(
        "HTTP check",
        CheckKind.HTTP,
        "HTTP_GET {\n   url {\n    path /\n    status_code 200\n   }\n   connect_timeout 1\n  }",
        '\tservice=http\n\tchecktype=negotiate\n\trequest="/"\n\treceive="hello"',
    ),
)


def checking(bench: Bench, targets: int) -> None:
    """Let each contender check `targets` servers in turn; count its checks and their processor time."""
    subprocess.run(["ip", "route", "replace", "local", "10.2.0.0/16", "dev", "lo"], check=True)
    with answering("10.2.0.1", 80):
        for kind in KINDS:
            rates: dict[str, list[float]] = defaultdict(list)
            costs: dict[str, list[float]] = defaultdict(list)
            memory: dict[str, float] = {}
            for _ in range(RUNS):
                for name, command in _contenders(bench, table_of(targets // SERVERS, kind.ours), kind, targets):
                    bench.empty()
                    with running(command, bench.log, bench.environment) as process:
                        checks_a_second, cost_us = _count(process.pid, targets)
                        rates[name].append(checks_a_second)
                        costs[name] += [cost_us] if cost_us is not None else []
                        memory[name] = memory_mb(process.pid)
            for name, values in rates.items():
                bench.figures.add(f"{kind.name}: one per second and target", targets, name, values, "a second")
            for name, values in costs.items():
                bench.figures.add(f"{kind.name}: processor time of one", targets, name, values, "µs")
            for name, value in memory.items():
                bench.figures.add(f"{kind.name}: memory", targets, name, [value], "MB")
    bench.empty()


def _contenders(bench: Bench, config: Config, kind: Kind, targets: int) -> list[tuple[str, list[str]]]:
    bench.put_lvs_cf(config)
    conf = bench.put("checking.conf", keepalived_conf(config, kind.keepalived))
    found = [(OURS, bench.installation.pulse), ("keepalived", bench.keepalived(conf))]
    if targets <= LDIRECTORD_TARGETS:
        directors = bench.put("ldirectord.cf", ldirectord_cf(config, kind.ldirectord))
        found.append(("ldirectord", ["ldirectord", "-d", str(directors), "start"]))
    return found


def _count(pid: int, targets: int) -> tuple[float, float | None]:
    """Return the checks per second and the processor time of one in µs; None if there were none."""
    started = _accepted()
    deadline = time.monotonic() + FIRST_ROUND_WITHIN_S
    while _accepted() - started < targets and time.monotonic() < deadline:
        time.sleep(0.2)
    time.sleep(SETTLES_S)
    opened, used, begun = _accepted(), processor_s(pid), time.monotonic()
    time.sleep(COUNTED_S)
    checks, used_s, took_s = _accepted() - opened, processor_s(pid) - used, time.monotonic() - begun
    return checks / took_s, used_s / checks * 1e6 if checks else None


def _accepted() -> int:
    """Return the TCP connections this kernel has accepted so far."""
    with open("/proc/net/snmp") as file:
        names, values = (line.split() for line in file if line.startswith("Tcp:"))
    return int(values[names.index("PassiveOpens")])
