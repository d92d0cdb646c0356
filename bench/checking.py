"""What a check of a server costs: connect checks of the same targets by each contender, in the same kernel."""

import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.lvs.values import CheckWord
from bench.figures import OURS
from bench.processes import processor_s, running
from bench.tables import keepalived_conf, ldirectord_cf, rules, table_of

if TYPE_CHECKING:
    from bench.kernel import Bench

SIZE = 30
"""Virtual servers of ten real ones each, every one checked once a second."""
COUNTED_S = 20.0
_SETTLE_S = {OURS: 5.0, "keepalived": 5.0, "ldirectord": 60.0}
"""ldirectord starts a process for each server it takes up."""
_SERVER = """
import socket
listener = socket.create_server(("0.0.0.0", 80), backlog=4096)
while True:
    connection, _ = listener.accept()
    connection.close()
"""


def checking(bench: "Bench") -> None:
    """Let each contender check 300 targets a second; measure its processor time for a check."""
    subprocess.run(["ip", "route", "add", "local", "10.2.0.0/16", "dev", "lo"], check=True)
    config = table_of(SIZE, CheckWord.TCP)
    conf = bench.put("checking.conf", keepalived_conf(config, "TCP_CHECK {\n   connect_timeout 1\n  }"))
    directors = bench.put("ldirectord.cf", ldirectord_cf(config, 1))
    bench.put_lvs_cf(config)
    server = subprocess.Popen([sys.executable, "-c", _SERVER])
    try:
        _wait_for_server()
        bench.empty()
        _count(bench, OURS, bench.installation.pulse)
        bench.empty()
        _count(
            bench,
            "keepalived",
            ["keepalived", "-n", "-l", "-C", "-f", str(conf), "-p", f"{conf}.pid", "-c", f"{conf}.checkers"],
        )
        bench.empty()
        subprocess.run(["ipvsadm", "-R"], input=rules(config), text=True, check=True)
        _count(bench, "ldirectord", ["ldirectord", "-d", str(directors), "start"])
        bench.empty()
    finally:
        server.kill()
        server.wait()


def _wait_for_server() -> None:
    for _ in range(200):
        try:
            socket.create_connection(("10.2.0.1", 80), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("the server to be checked does not answer")


def _count(bench: "Bench", name: str, command: Sequence[str]) -> None:
    targets = SIZE * 10
    with running(command, bench.log, bench.environment) as process:
        time.sleep(_SETTLE_S[name])
        opened, used, begun = _accepted(), processor_s(process.pid), time.monotonic()
        time.sleep(COUNTED_S)
        checks = _accepted() - opened
        used_s = processor_s(process.pid) - used
        took_s = time.monotonic() - begun
    figures = bench.figures
    figures.add("connect checks", targets, name, [checks / took_s], "a second")
    if checks:
        figures.add("processor time of a connect check", targets, name, [used_s / checks * 1e6], "µs")


def _accepted() -> int:
    """Return the TCP connections this kernel has accepted so far."""
    with open("/proc/net/snmp") as file:
        names, values = (line.split() for line in file if line.startswith("Tcp:"))
    return int(values[names.index("PassiveOpens")])
