"""What follows from the checks on a real kernel: drains, floors, tiers, quorum, slow starts, load agents."""

import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lab.cluster import Cluster
from tests.pulse.director import Director
from tests.pulse.one_director.web_servers import QUICK, WEB, found, states, weights
from tests.pulse.web_service_cf import lvs_cf

pytestmark = [pytest.mark.kernel, pytest.mark.long]


@pytest.fixture(autouse=True)
def well_servers(cluster: Cluster) -> Iterator[None]:
    """Give the next test three servers that run."""
    yield
    for name in WEB:
        if not cluster.is_serving(name):
            cluster.start_web_servers(name)


def of_server(text: str, name: str, *lines: str) -> str:
    """Return `text` with more lines in the block of server `name`."""
    return text.replace(f"server {name} {{", "\n".join([f"server {name} {{", *lines]))


def test_a_drained_server_gets_weight_0_and_its_weight_back_by_the_clock(
    cluster: Cluster, director: Director
) -> None:
    director.start()
    text = lvs_cf(1, *QUICK)
    until = datetime.fromtimestamp(time.time() + 8, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    drained = of_server(text, "web2", "admin_state = drain", f"admin_until = {until}", 'admin_reason = "kernel"')
    status = director.apply(drained)
    assert weights(status) == {"11": 1, "12": 0, "13": 1}
    assert found(status, "web2")["admin_reason"] == "kernel"
    status = director.wait(lambda status: weights(status) == {"11": 1, "12": 1, "13": 1})
    assert status["now"] >= (found(status, "web2")["admin_until"] or 0.0)
    assert [event["kind"] for event in status["events"]][-1] == "admin"
    assert director.palometa("plan").returncode == 0

    status = director.apply(of_server(lvs_cf(2, *QUICK), "web2", "admin_state = maintenance"))
    assert weights(status) == {"11": 1, "13": 1}
    assert found(status, "web2")["state"] == "up"
    director.kill()
    director.start()
    status = director.wait(lambda status: status["applied"])
    assert weights(status) == {"11": 1, "13": 1}


def test_the_floor_keeps_the_last_ones_and_damping_lets_go_in_time(cluster: Cluster, director: Director) -> None:
    director.start()
    director.apply(lvs_cf(1, *QUICK, "     max_out = 50"))
    cluster.stop_web_server("web2")
    director.wait(lambda status: weights(status) == {"11": 1, "13": 1})
    cluster.stop_web_server("web3")
    status = director.wait(lambda status: states(status)["web3"] == "down")
    assert weights(status) == {"11": 1, "13": 1}
    assert found(status, "web3")["held"] == "no more than 1 of 3 servers may be out because of failed checks"
    assert status["events"][-1]["kind"] == "held"
    cluster.start_web_servers("web2")
    director.wait(lambda status: weights(status) == {"11": 1, "12": 1})


def test_a_server_that_has_just_come_in_stays_for_its_time(cluster: Cluster, director: Director) -> None:
    cluster.stop_web_server("web2")
    director.start()
    director.apply(lvs_cf(1, *QUICK, "     damping = 6"))
    cluster.start_web_servers("web2")
    # It went out when it was first asked and was never in; so it comes in at once, and then stays.
    director.wait(lambda status: weights(status) == {"11": 1, "12": 1, "13": 1})
    cluster.stop_web_server("web2")
    status = director.wait(lambda status: states(status)["web2"] == "down")
    assert weights(status) == {"11": 1, "12": 1, "13": 1}
    assert "flap damping" in found(status, "web2")["held"]
    status = director.wait(lambda status: weights(status) == {"11": 1, "13": 1})
    up, down = (event for event in status["events"][-3:] if event["kind"] in ("up", "down"))
    assert down["at"] - up["at"] >= 6.0


def test_a_reserve_comes_in_for_a_tier_that_failed(cluster: Cluster, director: Director) -> None:
    director.start()
    status = director.apply(of_server(lvs_cf(1, *QUICK, servers=2), "web2", "tier = 1"))
    assert weights(status) == {"11": 1}
    assert found(status, "web2")["held"].startswith("it is on standby")
    cluster.stop_web_server("web1")
    director.wait(lambda status: weights(status) == {"12": 1})
    cluster.start_web_servers("web1")
    director.wait(lambda status: weights(status) == {"11": 1})


def test_below_the_quorum_the_sorry_server_answers_alone(cluster: Cluster, director: Director) -> None:
    director.start()
    director.apply(lvs_cf(1, *QUICK, "     sorry_server = 10.36.0.13", "     quorum = 2", servers=2))
    cluster.stop_web_server("web2")
    status = director.wait(lambda status: weights(status) == {"13": 1})
    assert "quorum-lost" in [event["kind"] for event in status["events"]]
    assert director.palometa("plan").returncode == 0
    cluster.start_web_servers("web2")
    status = director.wait(lambda status: weights(status) == {"11": 1, "12": 1})
    assert status["events"][-1]["kind"] == "quorum"


def test_a_server_that_returns_gets_its_weight_in_steps(cluster: Cluster, director: Director) -> None:
    director.start()
    text = lvs_cf(1, *QUICK, "     slow_start = 10")
    for name in WEB:
        text = of_server(text, name, "weight = 100")
    director.apply(text)
    director.wait(lambda status: weights(status) == {"11": 100, "12": 100, "13": 100})
    cluster.stop_web_server("web2")
    director.wait(lambda status: weights(status) == {"11": 100, "13": 100})
    cluster.start_web_servers("web2")
    status = director.wait(lambda status: "12" in weights(status))
    assert weights(status)["12"] < 100
    assert "slow start" in found(status, "web2")["held"]
    status = director.wait(lambda status: weights(status) == {"11": 100, "12": 100, "13": 100})
    assert status["repairs"] == []


AGENT = """
import pathlib, socket, sys
heard = socket.create_server((sys.argv[1], 3333))
while True:
    one, _ = heard.accept()
    one.sendall(pathlib.Path(sys.argv[2]).read_bytes())
    one.close()
"""


def test_a_load_agent_sets_the_weight_of_its_server(cluster: Cluster, director: Director, tmp_path: Path) -> None:
    said = tmp_path / "said"
    said.write_text("50%\n")
    agent = cluster.start("web2", [sys.executable, "-c", AGENT, "10.36.0.12", str(said)])
    try:
        director.start()
        text = lvs_cf(1, *QUICK, "     load_monitor = agent", "     load_port = 3333")
        for name in WEB:
            text = of_server(text, name, "weight = 10")
        director.apply(text)
        status = director.wait(lambda status: weights(status) == {"11": 10, "12": 5, "13": 10})
        assert [check["state"] for check in found(status, "web1")["checks"]][-1] != "up"
        said.write_text("drain\n")
        director.wait(lambda status: weights(status) == {"11": 10, "12": 0, "13": 10})
        said.write_text("ready 100%\n")
        director.wait(lambda status: weights(status) == {"11": 10, "12": 10, "13": 10})
    finally:
        agent.kill()
        agent.wait()


def test_one_of_two_checks_that_fails_takes_a_server_out_and_is_named(
    cluster: Cluster, director: Director
) -> None:
    director.start()
    more = ("     check = tcp", '     also_check = "http path=/health; ping"')
    assert weights(director.apply(lvs_cf(1, *QUICK, *more))) == {"11": 1, "12": 1, "13": 1}
    cluster.stop_web_server("web2")
    status = director.wait(lambda status: weights(status) == {"11": 1, "13": 1})
    director.wait(
        lambda status: [check["state"] for check in found(status, "web2")["checks"]] == ["down", "down", "up"]
    )
    assert "of 3 checks" in status["events"][-1]["reason"]
