"""pulse tells the service manager when it is ready, that it is alive, and that it stops."""

import os
import signal
import socket
import subprocess
from pathlib import Path

from lab.cluster import CLONE


def test_the_service_manager_is_told_of_a_start_each_look_and_the_end(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(60)
        environment = os.environ | {
            "NOTIFY_SOCKET": str(tmp_path / "notify"),
            "PALOMETA_RUNTIME_DIRECTORY": str(tmp_path),
            "PALOMETA_LVS_CF": str(tmp_path / "lvs.cf"),
        }
        with subprocess.Popen([CLONE / ".venv/bin/palometa", "pulse"], env=environment) as pulse:
            said = [manager.recv(100), manager.recv(100)]
            pulse.send_signal(signal.SIGTERM)
            while said[-1] != b"STOPPING=1":
                said.append(manager.recv(100))
    assert said[0] == b"READY=1"
    assert set(said[1:-1]) == {b"WATCHDOG=1"}
    assert pulse.returncode == 0
