"""Real servers are really stopped, hung, cut off and restored, and pulse does and says the right thing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.host.control_client import ask
from lab.cluster import Cluster
from lab.network import VIRTUAL4, VIRTUAL6
from tests.pulse.director import Director, has_settled
from tests.pulse.one_director.web_servers import QUICK, WEB, found, states, weights
from tests.pulse.web_service_cf import lvs_cf

pytestmark = [pytest.mark.kernel, pytest.mark.long]


@pytest.fixture(autouse=True)
def well_servers(cluster: Cluster) -> Iterator[None]:
    """Give the next test three servers that run."""
    yield
    cluster.plug_in_again(*WEB)
    for name in WEB:
        if cluster.is_serving(name):
            cluster.wake_web_server(name)
        else:
            cluster.start_web_servers(name)


PATIENT = ("     timeout = 10", "     reentry = 2")
"""For a program, which a slow machine takes long to start."""

# What fails with each forwarding method is in test_failures.py; the checks are the same for all.
CASES = {
    "direct routing": lvs_cf(1, *QUICK),
    "tunnels over IPv6": lvs_cf(1, *QUICK, network="tunnel", address=f"{VIRTUAL6} eth0", subnet="fd36::1"),
}


@pytest.mark.parametrize("name", CASES)
def test_a_stopped_and_a_hung_server_go_and_come_back(cluster: Cluster, director: Director, name: str) -> None:
    url = f"http://[{VIRTUAL6}]/" if "IPv6" in name else f"http://{VIRTUAL4}/"
    director.start()
    status = director.apply(CASES[name])
    assert weights(status) == {"11": 1, "12": 1, "13": 1}, director.log.read_text()

    cluster.stop_web_server("web2")
    cluster.hang_web_server("web3")
    status = director.wait(lambda status: states(status) == {"web1": "up", "web2": "down", "web3": "down"})
    status = director.wait(lambda status: weights(status) == {"11": 1})
    assert found(status, "web2")["message"].endswith(":80: refused")
    assert "timed out, no answer within 2 s" in found(status, "web3")["message"]
    assert {(event["server"], event["kind"]) for event in status["events"][-2:]} == {
        ("web2", "down"),
        ("web3", "down"),
    }
    assert director.answers(url, 4) == ["web1"] * 4

    cluster.start_web_servers("web2")
    cluster.wake_web_server("web3")
    status = director.wait(lambda status: weights(status) == {"11": 1, "12": 1, "13": 1})
    assert set(states(status).values()) == {"up"}
    assert set(director.answers(url, 6)) == set(WEB)
    log = director.log.read_text()
    address = found(status, "web2")["address"]
    target = f"[{address}]:80" if ":" in address else f"{address}:80"
    assert f"[inactive] shutting down {target} due to connection failure" in log
    assert log.count(f"[ active ] making {target} available") == 2
    assert status["repairs"] == []


def test_a_server_that_is_cut_off_goes(cluster: Cluster, director: Director) -> None:
    director.start()
    director.apply(lvs_cf(1, *QUICK))
    cluster.cut_off("web2")
    status = director.wait(lambda status: weights(status) == {"11": 1, "13": 1})
    assert found(status, "web2")["state"] == "down"
    verdicts = ask(director.socket, "verdicts", {"mark": ""})
    assert {row[1]: (row[4], row[5]) for row in verdicts["servers"]}["web2"] == ("down", False)
    assert verdicts["applied"] == 1
    assert ask(director.socket, "verdicts", {"mark": verdicts["mark"]})["servers"] is None
    cluster.plug_in_again("web2")
    director.wait(lambda status: weights(status) == {"11": 1, "12": 1, "13": 1})


def test_when_all_are_cut_off_at_once_the_last_set_is_kept_and_said(cluster: Cluster, director: Director) -> None:
    director.start()
    director.apply(lvs_cf(1, *QUICK))
    cluster.cut_off(*WEB)
    status = director.wait(lambda status: status["trouble"])
    assert "the director appears to be isolated" in status["trouble"][0]
    director.wait(lambda status: weights(status) == {"11": 1, "12": 1, "13": 1})
    cluster.plug_in_again(*WEB)
    status = director.wait(lambda status: not status["trouble"])
    kinds = [event["kind"] for event in status["events"]]
    assert kinds.index("suspicion") < kinds.index("trust")


def test_a_sorry_server_answers_while_no_other_does(cluster: Cluster, director: Director) -> None:
    director.start()
    director.apply(lvs_cf(1, *QUICK, "     sorry_server = 10.36.0.13", servers=2))
    cluster.stop_web_server("web1")
    cluster.stop_web_server("web2")
    director.wait(lambda status: weights(status) == {"13": 1})
    assert director.answers(f"http://{VIRTUAL4}/", 3) == ["web3"] * 3
    cluster.start_web_servers("web1")
    director.wait(lambda status: weights(status) == {"11": 1})
    assert director.answers(f"http://{VIRTUAL4}/", 3) == ["web1"] * 3


def test_a_quiesced_server_gets_weight_0_and_its_weight_back(cluster: Cluster, director: Director) -> None:
    director.start()
    director.apply(lvs_cf(1, *QUICK, "     quiesce_server = 1"))
    cluster.stop_web_server("web2")
    status = director.wait(lambda status: weights(status) == {"11": 1, "12": 0, "13": 1})
    assert director.palometa("plan").returncode == 0
    cluster.start_web_servers("web2")
    status = director.wait(lambda status: weights(status) == {"11": 1, "12": 1, "13": 1})
    assert status["repairs"] == []


@pytest.mark.parametrize("quiesce", [0, 1])
def test_a_restart_with_a_server_down_changes_nothing(cluster: Cluster, director: Director, quiesce: int) -> None:
    director.start()
    director.apply(lvs_cf(1, *QUICK, f"     quiesce_server = {quiesce}"))
    cluster.stop_web_server("web2")
    director.wait(lambda status: states(status)["web2"] == "down")
    director.wait(lambda status: weights(status).get("12", 0) == 0)
    table = director.run("ipvsadm", "-Sn")
    director.kill()
    director.start()
    status = director.wait(lambda status: status["applied"])
    assert status["applied"]["changes"] == 0  # type: ignore[index]
    assert director.run("ipvsadm", "-Sn") == table
    status = director.wait(has_settled)
    assert states(status) == {"web1": "up", "web2": "down", "web3": "up"}
    assert director.run("ipvsadm", "-Sn") == table
    assert director.palometa("plan").returncode == 0
    # It was told before the restart, and that it is still so is no news.
    told = [event for event in status["events"] if (event["kind"], event["server"]) == ("down", "web2")]
    assert len(told) == 1
    assert told[0]["at"] < status["started_at"]


def test_a_server_that_was_never_well_is_never_let_in(cluster: Cluster, director: Director) -> None:
    cluster.stop_web_server("web3")
    director.start()
    status = director.apply(lvs_cf(1, *QUICK))
    assert states(status)["web3"] == "down"
    assert weights(status) == {"11": 1, "12": 1}
    assert "10.36.0.13" not in director.log.read_text().split("[inactive]")[0]


def test_a_page_is_asked_for_and_its_text_looked_at(cluster: Cluster, director: Director) -> None:
    page = ("     check = http", '     check_path = "/health"', '     expect = "OK"')
    director.start()
    assert weights(director.apply(lvs_cf(1, *QUICK, *page))) == {"11": 1, "12": 1, "13": 1}
    wrong = lvs_cf(2, *QUICK, *page).replace('"OK"', '"FINE"')
    status = director.apply(wrong)
    status = director.wait(lambda status: weights(status) == {})
    assert found(status, "web1")["message"].endswith("status 200, but 'FINE' not found in the first 3 bytes")
    assert "server web1 10.36.0.11 port 80 of WEB: down" in director.palometa("status").stdout


@pytest.mark.parametrize("family", [4, 6])
def test_a_host_is_pinged(cluster: Cluster, director: Director, family: int) -> None:
    address, subnet = (f"{VIRTUAL6} eth0", "fd36::1") if family == 6 else (f"{VIRTUAL4} eth0:1", "10.36.0.1")
    director.start()
    status = director.apply(lvs_cf(1, *QUICK, "     check = ping", address=address, subnet=subnet))
    assert weights(status) == {"11": 1, "12": 1, "13": 1}
    cluster.cut_off("web2")
    status = director.wait(lambda status: weights(status) == {"11": 1, "13": 1})
    assert found(status, "web2")["message"].startswith("ping ")


def test_udp_is_asked_with_its_own_words(cluster: Cluster, director: Director) -> None:
    text = lvs_cf(1, *QUICK, "     protocol = udp", '     send = "hello"', '     expect = "web"')
    director.start()
    assert weights(director.apply(text.replace("port = 80", "port = 7"))) == {"11": 1, "12": 1, "13": 1}
    cluster.stop_web_server("web2")
    director.wait(lambda status: weights(status) == {"11": 1, "13": 1})
    # A question that the server had when it was killed is not answered at all.
    director.wait(lambda status: found(status, "web2")["message"].endswith("10.36.0.12:7: refused"))


def test_a_program_of_roots_is_asked_and_one_of_nobodys_is_not(
    cluster: Cluster, director: Director, tmp_path: Path
) -> None:
    checks = tmp_path / "checks"
    checks.mkdir(mode=0o755)
    program = checks / "ask"
    program.write_text('#!/bin/sh\nexec curl -s -m 1 "http://$1:$2/health"\n')
    program.chmod(0o755)
    director.environment["PALOMETA_CHECK_DIRECTORY"] = str(checks)
    director.start()
    director.apply(lvs_cf(1, *PATIENT, '     send_program = "/opt/ask %h %p"', '     expect = "OK"'))
    director.wait(lambda status: weights(status) == {"11": 1, "12": 1, "13": 1})
    cluster.stop_web_server("web2")
    # A slow machine may be at its limit before the program has found the port closed: then the next check says it.
    director.wait(lambda status: "exited with status 7" in found(status, "web2")["message"])
    director.wait(lambda status: weights(status) == {"11": 1, "13": 1})
    status = director.apply(lvs_cf(2, *PATIENT, '     send_program = "/usr/bin/id"', '     expect = "OK"'))
    status = director.wait(lambda status: "does not exist" in found(status, "web1")["message"])
    # A check that cannot be run changes nothing. On a slow machine an earlier one may have taken web1 out.
    before = weights(status)
    assert "12" not in before
    at = found(status, "web1")["checked_at"]
    assert weights(director.wait(lambda status: found(status, "web1")["checked_at"] != at)) == before
