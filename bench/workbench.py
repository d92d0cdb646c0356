"""What every case needs: the kernel's table, a directory, an installation of Palometa, the figures."""

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from app.host.control_client import ControlRefused, ControlUnreachable, ask
from app.host.files.atomic_file import prepare
from app.host.ipvs.table import IPVS
from app.lvs.ipvs.table import Service, ServiceKey, Table, service_order
from app.lvs.model.config import Config
from bench.figures import Figures
from bench.network import fresh_network
from bench.tables import lvs_cf
from lab.installation import Installation

CLONE = Path(__file__).resolve().parent.parent
RUNS = 3
PATIENCE_S = 180.0
AGAIN_S = 0.002
_FREED_WITHIN_S = 0.5


class Bench:
    """One run of the benchmark inside a kernel with IPVS."""

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
        if not path.exists():
            path.touch(0o644)
        prepare(path, lvs_cf(config)).publish()

    def put(self, name: str, text: str) -> Path:
        """Write a file of a contender."""
        path = self.directory / name
        path.write_text(text)
        return path

    def empty(self) -> None:
        """Empty the kernel's table and the record of owned services."""
        subprocess.run(["ipvsadm", "-C"], check=True)
        for name in ("owned.json", "applied.cf"):
            (self.installation.runtime_directory / name).unlink(missing_ok=True)

    @contextmanager
    def fresh(self) -> Iterator[None]:
        """Use a network namespace with a new table during the block."""
        outside = self.ipvs
        self.empty()
        with fresh_network(), IPVS() as self.ipvs:
            yield
            self.empty()
        self.ipvs = outside
        # The kernel frees the contents of the namespace later.
        self.rest(_FREED_WITHIN_S)

    def wait_until_held(self, table: Table) -> None:
        """Return when the kernel holds `table`."""
        # Its last service first, which is cheap to read.
        self.wait_for(max(table.values(), key=lambda service: service_order(service.key)))
        self._wait(lambda: self.ipvs.read()[0] == table, "the table")

    def wait_for(self, service: Service) -> None:
        """Return when the kernel holds `service` as it is."""
        self._wait(lambda: self._held(service.key) == service, str(service.key))

    def wait_until_gone(self, key: ServiceKey) -> None:
        """Return when the kernel holds no service of `key`."""
        self._wait(lambda: self._held(key) is None, f"no {key}")

    def _held(self, key: ServiceKey) -> Service | None:
        return self.ipvs.read_services([key])[0].get(key)

    def _wait(self, is_so: Callable[[], bool], words: str) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not is_so():
            if time.monotonic() > deadline:
                raise RuntimeError(f"the kernel does not have {words}: {self.last_words()}")
            time.sleep(AGAIN_S)

    def status(self) -> dict[str, Any]:
        """Return pulse's status once it has applied something."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            try:
                report = ask(self.installation.runtime_directory / "pulse.sock", "status", timeout_s=30)
            except (ControlUnreachable, ControlRefused):
                time.sleep(0.05)
                continue
            if report["applied"]:
                found: dict[str, Any] = report
                return found
        raise RuntimeError(f"pulse applied nothing: {self.last_words()}")

    def timed(self, *command: str, stdin: Path | None = None) -> float:
        """Run `command` and return its milliseconds."""
        begun = time.perf_counter()
        with (stdin or Path(os.devnull)).open("rb") as given, self.log.open("ab") as log:
            subprocess.run(command, stdin=given, stdout=log, stderr=log, check=False, env=self.environment)
        return (time.perf_counter() - begun) * 1000

    def rest(self, seconds: float) -> None:
        """Wait until the started processes are idle."""
        time.sleep(seconds)

    def keepalived(self, conf: Path) -> list[str]:
        """Return the command line of keepalived with only its checkers."""
        pid = self.directory / "keepalived.pid"
        return ["keepalived", "-n", "-l", "-C", "-f", str(conf), "-p", str(pid), "-c", f"{pid}.checkers"]

    def last_words(self) -> str:
        """Return the end of the contenders' log."""
        return self.log.read_text(errors="replace")[-500:] if self.log.exists() else ""


def milliseconds(what: Callable[[], object]) -> float:
    """Return how long `what` takes."""
    begun = time.perf_counter()
    what()
    return (time.perf_counter() - begun) * 1000
