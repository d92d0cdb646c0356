"""The demonstration, inside the embedded kernel: the cluster, and two directors with Palometa on them.

`python -m lab.demo TRUSTED_HOSTS [GUEST_ADDRESS PORT PUBLIC_URL]...`, started by lab.run, the three once for each
router. Their state is on the image in /mnt/state; the traffic's rate, and which router is dead, are files in the
shared directory. The two know nothing of each other until somebody pairs them.
"""

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from lab.cluster import Cluster
from lab.daemons import LOOK_EVERY_S, Daemons, stop_on_signals
from lab.embedded import STATE
from lab.inside import CLONE
from lab.installation import Installation
from lab.network import CLIENT, DIRECTOR, DIRECTOR2, VIRTUAL4
from lab.router import Router, open_outside

RATE_FILE = "requests_per_second"
REPORT_FILE = "answers"
KILL_FILE = "kill_router"
PAGES_APART = 2
"""Distance between the ports of the two routers' pages: the partner link uses the port in between."""
_DIRECTORIES = (Path(STATE), Path(STATE) / DIRECTOR2.name)
_RUNTIME_DIRECTORIES = (Path("/run/palometa"), Path(f"/run/palometa-{DIRECTOR2.name}"))


def main(arguments: list[str]) -> int:
    """Run until stopped; return 1 if a process of Palometa ended on its own."""
    trusted_hosts, *pages = arguments
    installations = [
        Installation(
            command=CLONE / ".venv/bin/palometa",
            directory=directory,
            runtime_directory=runtime_directory,
            address=address,
            port=int(port),
            public_url=url,
            trusted_hosts=trusted_hosts,
        )
        for directory, runtime_directory, address, port, url in zip(
            _DIRECTORIES, _RUNTIME_DIRECTORIES, pages[::3], pages[1::3], pages[2::3], strict=True
        )
    ]
    installations[0].require_readable()
    share = Path(os.environ["PALOMETA_LAB_SHARE"])
    with stop_on_signals(), Cluster(directors=2) as cluster:
        open_outside()
        files = (str(share / RATE_FILE), str(share / REPORT_FILE))
        cluster.start(CLIENT.name, [sys.executable, "-m", "lab.traffic", f"http://{VIRTUAL4}/", *files])
        _introduce(cluster, [installation.public_url for installation in installations])
        routers = [
            Router(cluster, node, installation, Daemons())
            for node, installation in zip(cluster.directors, installations, strict=True)
        ]
        try:
            for router in routers:
                router.start()
                # One after the other, so that the first page is available as soon as possible.
                router.wait_for_page()
            return _watch(routers, share / KILL_FILE)
        finally:
            Daemons().stop(*(router.daemons for router in routers))
    return 0


def killed(path: Path) -> set[int] | None:
    """Return the numbers of the routers without power, as set in `path`; None: not set, as while it is written."""
    try:
        return {int(word) for word in path.read_text().split()} or None
    except (OSError, ValueError):
        return None


def _watch(routers: Sequence[Router], kill_file: Path) -> int:
    """Cut and restore power as set in `kill_file`, until a process ends on its own; then return 1."""
    while True:
        dead = killed(kill_file)
        for number, router in enumerate(routers, 1):
            router.set_power(router.is_on if dead is None else number not in dead)
            if ended := router.daemons.ended():
                sys.stderr.write(f"{ended} on {router.node.name}: stopping the others.\n")
                return 1
        time.sleep(LOOK_EVERY_S)


def _introduce(cluster: Cluster, urls: Sequence[str]) -> None:
    servers = ", ".join(f"{node.name} {node.legs[0].ipv4}" for node in cluster.web_servers)
    print(
        f"Running in an embedded kernel, {os.uname().release}, with a demonstration cluster.\n"
        f"  director: device eth0, {DIRECTOR.legs[0].ipv4}/24; web servers: {servers}; "
        f"virtual IP they accept: {VIRTUAL4}\n"
        f"  client traffic to http://{VIRTUAL4}/: echo 20 > var/demo/{RATE_FILE} (0 stops it); "
        f"which server answers: cat var/demo/{REPORT_FILE}\n"
        f"  second router, for a pair (docs/pair.md): {DIRECTOR2.name}, "
        f"{DIRECTOR2.legs[0].ipv4}/24; its pages: {urls[1]}\n"
        f"  cut the power of a router: echo 1 > var/demo/{KILL_FILE} (2: the second router, 0: power for both)\n"
        f"Press Ctrl-C to stop everything.\n"
        f"The link to the director follows, at {urls[0]}, and then that to the second router.",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
