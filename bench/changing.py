"""Counts the requests lost during 200 configuration changes under constant load, with direct routing."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from bench.figures import OURS
from lab.asker import read_requests
from lab.cluster import Cluster
from lab.network import CLIENT, VIRTUAL4
from tests.pulse.director import Director

if TYPE_CHECKING:
    from bench.workbench import Bench

CHANGES = 200
CLIENTS = 5
"""Each sends ten requests a second."""
CHANGE_EVERY_S = 0.1
_SERVERS = 3


def under_load(bench: "Bench") -> None:
    """Change weights and activate and deactivate servers under load; count the requests sent and lost."""
    with tempfile.TemporaryDirectory(prefix="bench") as directory, Cluster() as cluster:
        director = Director(cluster, Path(directory))
        director.start()
        director.apply(_lvs_cf(1))
        files = [Path(directory) / f"requests{number}" for number in range(CLIENTS)]
        command = [sys.executable, "-m", "lab.asker", f"http://{VIRTUAL4}/"]
        clients = [cluster.start(CLIENT.name, [*command, str(file)]) for file in files]
        while not all(read_requests(file) for file in files):
            time.sleep(0.05)
        for serial in range(2, 2 + CHANGES):
            director.write(_lvs_cf(serial))
            time.sleep(CHANGE_EVERY_S)
        director.wait(lambda status: (applied := status["applied"]) and applied["serial_no"] == 1 + CHANGES)
        for client in clients:
            client.terminate()
            client.wait()
        director.kill()
        subprocess.run(["ip", "netns", "exec", "director", "ipvsadm", "-C"], check=False, env=dict(os.environ))
        requests = [request for file in files for request in read_requests(file)]
    lost = [request for request in requests if request.failure]
    # A single one misses the goal, and the number alone would not say why.
    bench.figures.notes += [f"a request was lost: {request.failure}" for request in lost[:5]]
    bench.figures.add("requests sent during 200 changes", _SERVERS, OURS, [len(requests)], "requests")
    bench.figures.add("requests lost during 200 changes", _SERVERS, OURS, [len(lost)], "requests")


def _lvs_cf(serial: int) -> str:
    """Return a configuration of three servers: the weights rotate, and the third is active every other time."""
    servers = "".join(
        f"""     server web{number} {{
         address = 10.36.0.{10 + number}
         active = {int(number < _SERVERS or serial % 2 == 0)}
         weight = {1 + (serial + number) % 5}
     }}
"""
        for number in range(1, _SERVERS + 1)
    )
    return f"""serial_no = {serial}
service = lvs
network = direct
virtual WEB {{
     active = 1
     address = {VIRTUAL4} eth0:1
     port = 80
     scheduler = wlc
     check = none
     protocol = tcp
{servers}}}
"""
