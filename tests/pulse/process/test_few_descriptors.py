"""pulse with few descriptors: it goes on, says so now and then, and answers again when there are some."""

import os
import resource
import signal
import socket
from contextlib import ExitStack
from pathlib import Path

from app.host.control_client import ControlRefused, ControlUnreachable, ask
from tests.commands.forked import start
from tests.waiting import until

GOOD = "serial_no = 1\nprimary = 192.0.2.1\nservice = lvs\n"


def test_it_goes_on_without_any_and_answers_when_it_has_some_again(tmp_path: Path) -> None:
    runtime, said = tmp_path / "run", tmp_path / "said"
    runtime.mkdir()
    (tmp_path / "lvs.cf").write_text(GOOD)
    control = runtime / "pulse.sock"
    environment = {
        "PALOMETA_LVS_CF": str(tmp_path / "lvs.cf"),
        "PALOMETA_RUNTIME_DIRECTORY": str(runtime),
        "PALOMETA_HISTORY_DIRECTORY": str(tmp_path / "history"),
    }
    child = start(["pulse"], environment, said)

    def log() -> str:
        return said.with_suffix(".err").read_text()

    def is_answering() -> bool:
        try:
            return bool(ask(control, "events"))
        except (ControlUnreachable, ControlRefused):
            return False

    def limit(descriptors: int) -> None:
        _, hard = resource.prlimit(child, resource.RLIMIT_NOFILE)
        resource.prlimit(child, resource.RLIMIT_NOFILE, (descriptors, hard))

    try:
        until(is_answering, log)
        before, _ = resource.prlimit(child, resource.RLIMIT_NOFILE)
        # None for connections, and none for the look at the kernel that follows every second.
        limit(len(os.listdir(f"/proc/{child}/fd")))
        with ExitStack() as stack:
            for _ in range(50):
                connection = stack.enter_context(socket.socket(socket.AF_UNIX))
                connection.settimeout(20)
                connection.connect(str(control))
            until(lambda: "has used up what the system allows it" in log(), log)
            # Without IPVS it looks for that every second, which now fails as well.
            until(lambda: Path("/proc/net/ip_vs").exists() or "Too many open files\n" in log(), log)
        limit(before)
        until(is_answering, log)
    finally:
        os.kill(child, signal.SIGTERM)
        status = os.waitpid(child, 0)[1]
    assert status == 0
    assert "Traceback" not in log()
    assert log().count("has used up") == 1
    assert len(log().splitlines()) < 20
