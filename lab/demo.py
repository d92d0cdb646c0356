"""The demonstration, inside the embedded kernel: the cluster, with pulse and the web part on its director.

`python -m lab.demo GUEST_ADDRESS PORT PUBLIC_URL TRUSTED_HOSTS`, started by lab.run. State is on the image in
/mnt/state; the traffic's rate is a file in the shared directory.
"""

import os
import subprocess
import sys
from pathlib import Path

from lab.cluster import Cluster
from lab.daemons import run_together, stop_on_signals
from lab.embedded import STATE
from lab.inside import CLONE
from lab.installation import Installation
from lab.network import CLIENT, DIRECTOR, VIRTUAL4

RATE_FILE = "requests_per_second"
REPORT_FILE = "answers"


def main(arguments: list[str]) -> int:
    """Run until stopped; return 1 if pulse or the web part ended by itself."""
    address, port, public_url, trusted_hosts = arguments
    installation = Installation(
        command=CLONE / ".venv/bin/palometa",
        directory=Path(STATE),
        runtime_directory=Path("/run/palometa"),
        address=address,
        port=int(port),
        public_url=public_url,
        trusted_hosts=trusted_hosts,
    )
    installation.require_readable()
    installation.prepare()
    with stop_on_signals(), Cluster() as cluster:
        _join_to_outside(address)
        share = os.environ["PALOMETA_LAB_SHARE"]
        files = (f"{share}/{RATE_FILE}", f"{share}/{REPORT_FILE}")
        cluster.start(CLIENT.name, [sys.executable, "-m", "lab.traffic", f"http://{VIRTUAL4}/", *files])
        _introduce(cluster)
        on_director = ["ip", "netns", "exec", DIRECTOR.name]
        return run_together(
            {"pulse": [*on_director, *installation.pulse], "web": [*on_director, *installation.web]},
            installation.environment(os.environ),
        )
    return 0


def _join_to_outside(address: str) -> None:
    """Give the director the interface that leads out of the guest, for the administrator's browser only."""
    subprocess.run(["ip", "link", "set", "vec0", "netns", DIRECTOR.name, "name", "mgmt0"], check=True)
    lines = f"address add {address}/24 dev mgmt0\nlink set mgmt0 up\n"
    subprocess.run(["ip", "-netns", DIRECTOR.name, "-batch", "-"], input=lines, text=True, check=True)


def _introduce(cluster: Cluster) -> None:
    servers = ", ".join(f"{node.name} {node.legs[0].ipv4}" for node in cluster.web_servers)
    print(
        f"The kernel programmed is an embedded one, {os.uname().release}, with a demonstration cluster.\n"
        f"  director: device eth0, {DIRECTOR.legs[0].ipv4}/24; web servers: {servers}; "
        f"virtual address they accept: {VIRTUAL4}\n"
        f"  client traffic to http://{VIRTUAL4}/: echo 20 > var/demo/{RATE_FILE} (0 stops it); "
        f"who answers: cat var/demo/{REPORT_FILE}\n"
        f"Ctrl-C stops it all.",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
