"""One router of the demonstration: a director with pulse, the pages and the partner link.

Owns its processes and the interface that leads out of the guest; its power can be cut and restored.
"""

import os
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from lab.cluster import SWITCH, Cluster
from lab.daemons import LOOK_EVERY_S, Daemons
from lab.installation import Installation
from lab.network import Node

OUTSIDE = "outside"
_HOST_NAMES = Path("/run/uts")
_LEG = "mgmt0"


def open_outside() -> None:
    """Connect the interface that leads out of the guest to the cluster, for an administrator's browser."""
    subprocess.run(["ip", "link", "set", "vec0", "netns", SWITCH], check=True)
    _switch(f"link add {OUTSIDE} type bridge", f"link set {OUTSIDE} up", f"link set vec0 master {OUTSIDE} up")


@dataclass(slots=True)
class Router:
    """A director of a running `cluster`; nothing runs on it before `start`."""

    cluster: Cluster
    node: Node
    installation: Installation
    daemons: Daemons
    is_on: bool = True

    def start(self) -> None:
        """Create its outside interface, directories and host name, and start its processes."""
        self._join_to_outside()
        self.installation.prepare()
        on_it = [*self._by_name(), "ip", "netns", "exec", self.node.name]
        commands = {
            "pulse": self.installation.pulse,
            "web": self.installation.web,
            "partner": self.installation.partner,
        }
        self.daemons.start(
            {name: [*on_it, *command] for name, command in commands.items()},
            self.installation.environment(os.environ),
        )

    def wait_for_page(self) -> None:
        """Wait until its pages answer or a process has ended."""
        asked = ["ss", "--no-header", "--listening", "--tcp", f"sport = :{self.installation.port}"]
        while not self.daemons.ended() and not self.cluster.run(self.node.name, asked).stdout:
            time.sleep(LOOK_EVERY_S)

    def set_power(self, is_on: bool) -> None:
        """Cut or restore its power; its memory is lost."""
        if is_on == self.is_on:
            return
        self.is_on = is_on
        if is_on:
            self.cluster.power_on(self.node.name)
            self.start()
        else:
            _switch(f"link delete {self.node.name}-{_LEG}")
            self.cluster.power_off(self.node.name)
            self.daemons.kill()
            shutil.rmtree(self.installation.runtime_directory)

    def _join_to_outside(self) -> None:
        name, address = self.node.name, self.installation.address
        # The same after a power loss, as on a real machine: clients outside have it in their neighbour table.
        hardware = "02:00:" + ":".join(f"{int(part):02x}" for part in address.split("."))
        _switch(
            f"link add {name}-{_LEG} type veth peer name {_LEG} address {hardware} netns {name}",
            f"link set {name}-{_LEG} master {OUTSIDE} up",
        )
        _batch(name, f"address add {address}/24 dev {_LEG}", f"link set {_LEG} up")

    def _by_name(self) -> list[str]:
        """Return the command prefix that sets this router's host name, by which its partner knows it."""
        _HOST_NAMES.mkdir(exist_ok=True)
        kept = _HOST_NAMES / self.node.name
        if not kept.exists():
            kept.touch()
            subprocess.run(["unshare", f"--uts={kept}", "hostname", self.node.name], check=True)
        return ["nsenter", f"--uts={kept}", "--"]


def _switch(*lines: str) -> None:
    _batch(SWITCH, *lines)


def _batch(namespace: str, *lines: str) -> None:
    text = "".join(f"{line}\n" for line in lines)
    subprocess.run(["ip", "-netns", namespace, "-batch", "-"], input=text, text=True, check=True)
