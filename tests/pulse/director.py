"""The director of the test cluster with the real pulse and web part on it, privileged as when installed."""

import json
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from app.host.control_client import ControlRefused, ControlUnreachable, ask
from app.host.files.atomic_file import prepare
from app.lvs.reports.status import StatusReport
from lab import programs
from lab.cluster import CLONE, Cluster
from lab.installation import PULSE, Installation
from lab.network import CLIENT, DIRECTOR, Node
from lab.privileges import Privileges
from tests.waiting import LIMIT_S, until


class Director:
    """Starts and stops the two processes in the director's namespace, and waits for what they do."""

    def __init__(self, cluster: Cluster, directory: Path, node: Node = DIRECTOR) -> None:
        self.cluster = cluster
        self.node = node
        # The users of the two processes have to get to their files.
        for parent in (directory, *directory.parents):
            if parent.is_relative_to("/tmp") and parent != Path("/tmp"):
                parent.chmod(0o755)
        self.installation = Installation(
            command=CLONE / ".venv/bin/palometa",
            directory=directory,
            runtime_directory=directory / "run",
            address=str(node.legs[0].ipv4),
        )
        self.installation.prepare()
        self.environment = self.installation.environment({"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"})
        self.log = directory / "log"
        self.process: programs.Running | None = None
        self.web: subprocess.Popen[str] | None = None

    @property
    def socket(self) -> Path:
        return self.installation.runtime_directory / "pulse.sock"

    def start(self) -> None:
        """Start pulse and return when it answers."""
        pulse = self.program("pulse", privileges=PULSE, errors=self.log)
        self.process = self.cluster.start_program(pulse)
        self.wait(lambda status: status["pid"] > 0)

    def start_installed(self, without: str = "no capability", through: Sequence[str] = ()) -> None:
        """Start pulse by the installed command, without the capability named, if one is; else like `start`.

        `through` is a command that starts what it is given.
        """
        command = [*through, *(word.replace(f",+{without}", "") for word in self.installation.pulse)]
        with self.log.open("a") as log:
            self.process = self.cluster.start(self.node.name, command, env=self.environment, stderr=log)
        self.wait(lambda status: status["pid"] > 0)

    def program(
        self,
        *arguments: str,
        module: str = programs.PALOMETA,
        privileges: Privileges | None = None,
        errors: Path | None = None,
    ) -> programs.Program:
        """Return a program of Palometa on this director, with its environment."""
        return programs.Program(module, arguments, self.node.name, self.environment, privileges, errors=errors)

    def kill(self) -> None:
        """End pulse, if it runs, without a chance to clean up."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def start_web(self) -> str:
        """Start the web part and return the address it prints: of the set-up page, or of the pages."""
        web, environment = self.installation.web, self.environment
        self.web = self.cluster.start(self.node.name, web, env=environment, stdout=subprocess.PIPE)
        assert self.web.stdout is not None
        return self.web.stdout.readline().split()[-1]

    def kill_web(self) -> None:
        """End the web part without a chance to clean up."""
        assert self.web is not None
        self.web.kill()
        self.web.wait()
        assert self.web.stdout is not None
        self.web.stdout.close()

    def stop(self) -> None:
        """Stop pulse as a service manager does."""
        assert self.process is not None
        self.process.terminate()
        assert self.process.wait(LIMIT_S) == 0, self.log.read_text()

    def write(self, text: str) -> None:
        """Replace lvs.cf, as the web part does."""
        path = self.installation.lvs_cf
        if not path.exists():
            path.touch(0o644)
        prepare(path, text.encode()).publish()

    def apply(self, text: str) -> StatusReport:
        """Replace lvs.cf and return the status once pulse has applied it and checked every server."""
        serial = int(text.split("serial_no = ")[1].split()[0])
        self.write(text)

        def is_applied(status: StatusReport) -> bool:
            applied = status["applied"]
            return applied is not None and applied["serial_no"] == serial and has_settled(status)

        return self.wait(is_applied)

    def status(self) -> StatusReport:
        report: StatusReport = ask(self.socket, "status", timeout_s=LIMIT_S)
        return report

    def wait(self, condition: Callable[[StatusReport], Any]) -> StatusReport:
        """Return the first status for which `condition` holds; fail after a deadline."""
        seen: list[StatusReport] = []

        def holds() -> bool:
            try:
                seen[:] = [self.status()]
            except (ControlUnreachable, ControlRefused):
                assert self.process is None or self.process.poll() is None, self.log.read_text()
                return False
            return bool(condition(seen[0]))

        until(holds, lambda: f"pulse did not get there: {json.dumps(seen, indent=1)}")
        return seen[0]

    def run(self, *command: str, check: bool = True) -> str:
        """Run `command` on the director and return what it printed."""
        return self.cluster.run(self.node.name, command, check=check).stdout

    def palometa(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the command line on the director, as root."""
        return programs.run(self.program(*arguments), LIMIT_S)

    def answers(self, url: str, times: int) -> list[str]:
        """Let the client fetch `url` so many times; return who answered, empty for a failure."""
        script = 'for n in $(seq $2); do curl -s -m 3 "$1" || echo; done'
        command = ["sh", "-c", script, "sh", url, str(times)]
        return self.cluster.run(CLIENT.name, command, timeout_s=600).stdout.split("\n")[:times]


def has_settled(status: StatusReport) -> bool:
    """Return whether every server has been checked, and the table is what came of it."""
    servers = status["servers"]
    there = sum(
        destination["weight"] > 0 for service in status["services"] for destination in service["destinations"]
    )
    if status["applied"] is None:
        # What the last pulse knew of the servers is known at once, before anything is applied.
        return False
    if status["applied"]["remained"]:
        return True
    return all(server["checked_at"] or server["state"] == "unchecked" for server in servers) and there >= sum(
        server["is_in"] for server in servers
    )
