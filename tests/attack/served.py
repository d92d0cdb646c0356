"""The installed `palometa web` with its own processes and threads, as an attacker meets it."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from app.settings import Settings
from tests.waiting import until

COMMAND = Path(sys.executable).parent / "palometa"


@dataclass(frozen=True, slots=True)
class Served:
    """A web part that runs. `log` is all that it has written."""

    port: int
    output: Path

    @property
    def log(self) -> str:
        """What the web part has written so far."""
        return self.output.read_text(errors="replace")

    def connect(self, timeout_s: float = 30.0) -> socket.socket:
        """Return a connection; reading from it fails after `timeout_s`, which is silence."""
        return socket.create_connection(("127.0.0.1", self.port), timeout_s)


@contextmanager
def serving(settings: Settings) -> Iterator[Served]:
    """Run `palometa web` with `settings` until the block ends."""
    port, output = settings.port, settings.state_directory / "web.log"
    environment = os.environ | {
        "PALOMETA_PORT": str(port),
        "PALOMETA_STATE_DIRECTORY": str(settings.state_directory),
        "PALOMETA_RUNTIME_DIRECTORY": str(settings.runtime_directory),
        "PALOMETA_LVS_CF": str(settings.lvs_cf),
    }
    served = Served(port, output)
    with output.open("w") as file:
        web = subprocess.Popen([COMMAND, "web"], env=environment, stdout=file, stderr=subprocess.STDOUT)
    try:
        until(lambda: web.poll() is not None or is_answering(served), lambda: served.log)
        assert web.poll() is None, served.log
        yield served
    finally:
        web.terminate()
        web.wait(30)


def is_answering(served: Served) -> bool:
    """Return whether somebody takes connections."""
    with suppress(OSError), served.connect(1.0):
        return True
    return False
