"""A long-lived connection of a client through the virtual IP, which receives data ten times a second."""

import tempfile
import time
from pathlib import Path

from lab.cluster import Cluster, end
from lab.network import CLIENT, Node
from tests.pulse.two_directors.two_routers import ADDRESS

PORTS_FROM = 40_000
LASTS_S = 120
GOES_ON_WITHIN_S = 15.0
"""How long TCP may take to retransmit after an interruption of some seconds."""
MORE = 3
AGAIN_S = 0.1


class Held:
    """The connection, for use in ``with``; its port is PORTS_FROM plus `number`."""

    def __init__(self, cluster: Cluster, number: int) -> None:
        self._cluster = cluster
        self._port = PORTS_FROM + number

    def __enter__(self) -> "Held":
        self._file = tempfile.NamedTemporaryFile(prefix="held")
        url = f"http://{ADDRESS}/slow?s={LASTS_S}"
        command = ["curl", "--silent", "--no-buffer", "--local-port", str(self._port), url]
        self._process = self._cluster.start(CLIENT.name, command, stdout=self._file)
        return self

    def __exit__(self, *_: object) -> None:
        end(self._process)
        self._file.close()

    def is_known_to(self, node: Node) -> bool:
        """Return whether the kernel of `node` knows it as established."""
        known = self._cluster.run(node.name, ["cat", "/proc/net/ip_vs_conn"]).stdout
        return any(f" {self._port:04X} " in line and "ESTABLISHED" in line for line in known.splitlines())

    def goes_on(self) -> bool:
        """Wait for more data; return whether any arrives."""
        before, deadline = self._lines(), time.monotonic() + GOES_ON_WITHIN_S
        while self._lines() < before + MORE:
            if self._process.poll() is not None or time.monotonic() > deadline:
                return False
            time.sleep(AGAIN_S)
        return True

    def _lines(self) -> int:
        return Path(self._file.name).read_bytes().count(b"\n")
