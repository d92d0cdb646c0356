"""How the servers of these tests are found, awaited and ended."""

import sys
import time
from pathlib import Path

import pytest

from tests.free_ports import free_port
from tests.protocols.servers import program, running, takes_connections

WITHIN_S = 60
LISTENING = f"""
import signal, socket, sys
signal.alarm({WITHIN_S})
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
signal.pause()
"""
"""A program that listens until it is killed, or too long."""
ITS_PARENT = "import subprocess, sys; subprocess.run([sys.executable, '-c', *sys.argv[1:]])"


def test_a_server_that_is_not_installed_skips_its_tests_but_not_in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="Debian's package nosuch-server"):
        program("nosuch", "nosuch-server")
    monkeypatch.setenv("CI", "true")
    for name in ("nosuch", "/usr/lib/nosuch/*/bin/nosuch"):
        with pytest.raises(pytest.fail.Exception, match="lab/protocol-servers installs it"):
            program(name, "nosuch-server")


def test_a_server_is_ended_with_its_children(tmp_path: Path) -> None:
    port = free_port()
    with running([sys.executable, "-c", ITS_PARENT, LISTENING, str(port)], cwd=tmp_path, port=port) as process:
        assert takes_connections("127.0.0.1", port)
        process.kill()
    deadline = time.monotonic() + 20
    while takes_connections("127.0.0.1", port):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_server_that_ends_at_once_fails_with_what_it_said(tmp_path: Path) -> None:
    with (
        pytest.raises(pytest.fail.Exception, match=r"(?s)ended with status 3:\nno such port"),
        running(["sh", "-c", "echo no such port; exit 3"], cwd=tmp_path, port=free_port()),
    ):
        pytest.fail("the block began")
