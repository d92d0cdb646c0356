"""Answers that go on while everything on the director is restarted, and requests while a server leaves."""

from pathlib import Path
from subprocess import PIPE

import pytest

from lab.cluster import Cluster, end
from lab.network import CLIENT, VIRTUAL4
from tests.pulse.director import Director
from tests.pulse.web_service_cf import lvs_cf
from tests.waiting import until

pytestmark = pytest.mark.kernel

URL = f"http://{VIRTUAL4}/"
# Prints who answers; then, after each request, the client's port and what curl ended with.
ASKING = """while sleep 0.05; do curl -s -m 5 -w '%{local_port} %{exitcode} %{errormsg}\\n' "$1"; done"""
LEAVES = "10.36.0.13"


class SlowAnswer:
    """An answer that goes on for as long as it is wanted, by another server than the one named."""

    def __init__(self, cluster: Cluster, but: str, path: Path) -> None:
        self._cluster, self._path = cluster, path
        while self._begin() == but:
            end(self._asking)

    def _begin(self) -> str:
        with self._path.open("w") as file:
            self._asking = self._cluster.start(
                CLIENT.name, ["curl", "-sN", "-m", "600", f"{URL}slow?s=600"], stdout=file
            )
        until(self._lines, "the answer begins")
        return self._lines()[0].split()[0]

    def _lines(self) -> list[str]:
        return self._path.read_text().splitlines()

    def require_going_on(self) -> None:
        """Return when a line has come that was sent just now."""
        seen = len(self._lines())
        until(lambda: len(self._lines()) > seen + 1, "the answer goes on")
        assert self._asking.poll() is None


def lost_but_of(server: str, director: Director, seen: str) -> list[str]:
    """Return what is known of the requests among the `seen` that failed, but of those given to `server`."""
    lost: list[str] = []
    connections = director.run("ipvsadm", "-Lcn").splitlines()
    for line in seen.splitlines():
        port, *ended = line.split()
        if port.isdigit() and ended[0] != "0":
            of_port = [connection for connection in connections if f":{port} " in connection]
            if not of_port or server not in of_port[0]:
                lost.append(f"{line}: {of_port}")
    return lost


def test_a_server_leaves_and_everything_is_restarted_and_only_what_the_server_had_may_be_lost(
    cluster: Cluster, director: Director, tmp_path: Path
) -> None:
    director.start()
    base = director.start_web().partition("/setup")[0]
    director.apply(lvs_cf(1))
    slow = SlowAnswer(cluster, "web3", tmp_path / "slow")
    watching = cluster.start(CLIENT.name, ["sh", "-c", ASKING, "sh", URL], stdout=PIPE)
    director.apply(lvs_cf(2, servers=2))
    assert LEAVES not in director.run("ipvsadm", "-Ln")
    assert set(director.answers(URL, 20)) == {"web1", "web2"}

    director.kill_web()
    director.kill()
    director.start()
    assert director.start_web().startswith(base)
    assert director.palometa("plan").returncode == 0
    assert set(director.answers(URL, 20)) == {"web1", "web2"}
    watching.terminate()
    seen, _ = watching.communicate()
    assert lost_but_of(LEAVES, director, seen) == []
    assert {"web1", "web2"} <= set(seen.split())
    slow.require_going_on()
    director.kill_web()
    director.stop()
