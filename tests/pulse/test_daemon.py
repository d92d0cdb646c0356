"""pulse on a real kernel, with a real cluster behind it."""

import signal
from collections import Counter
from subprocess import PIPE

import pytest

from app.host.ipvs.table import IPVS
from lab.cluster import Cluster
from lab.namespaces import entered
from lab.network import CLIENT, DIRECTOR, VIRTUAL4, VIRTUAL6
from tests.pulse.director import Director, has_settled
from tests.pulse.web_service_cf import lvs_cf
from tests.waiting import until

pytestmark = [pytest.mark.kernel, pytest.mark.long]


def test_clients_are_answered_by_all_servers_in_direct_routing(director: Director) -> None:
    director.start()
    director.apply(lvs_cf(1))
    counted = Counter(director.answers(f"http://{VIRTUAL4}/", 30))
    assert counted == {"web1": 10, "web2": 10, "web3": 10}


def test_clients_are_answered_over_ipv6(director: Director) -> None:
    director.start()
    director.apply(lvs_cf(1, address=f"{VIRTUAL6} eth0", subnet="fd36::1"))
    assert set(director.answers(f"http://[{VIRTUAL6}]/", 6)) == {"web1", "web2", "web3"}


def test_clients_are_answered_through_tunnels(director: Director) -> None:
    director.start()
    director.apply(lvs_cf(1, network="tunnel"))
    assert set(director.answers(f"http://{VIRTUAL4}/", 6)) == {"web1", "web2", "web3"}


def test_its_table_is_what_ipvsadm_prints_line_by_line(director: Director) -> None:
    director.start()
    status = director.apply(lvs_cf(1, "     persistent = 60", "     pmask = 255.255.255.0", scheduler="sh"))
    assert "\n".join(status["ipvsadm"]) + "\n" == director.run("ipvsadm", "-Ln")
    assert director.palometa("status").stdout.endswith(director.run("ipvsadm", "-Ln"))


def test_the_address_has_its_label_and_the_client_learns_it_unasked(cluster: Cluster, director: Director) -> None:
    stranger = "02:00:00:00:00:99"
    cluster.run(
        CLIENT.name, ["ip", "neigh", "replace", str(VIRTUAL4), "lladdr", stranger, "dev", "eth0", "nud", "stale"]
    )
    director.start()
    director.apply(lvs_cf(1))
    assert "scope global eth0:1" in director.run("ip", "-4", "address", "show", "eth0")
    known = ["ip", "neigh", "show", str(VIRTUAL4)]
    until(lambda: stranger not in cluster.run(CLIENT.name, known).stdout, "the announcement reaches the client")


def test_a_table_emptied_by_somebody_else_is_repaired_and_reported(director: Director) -> None:
    director.start()
    before = director.apply(lvs_cf(1))["ipvsadm"]
    director.run("ipvsadm", "-C")
    status = director.wait(lambda status: status["repairs"])
    assert status["ipvsadm"] == before
    assert status["repairs"][0]["commands"][0] == f"ipvsadm -A -t {VIRTUAL4}:80 -s rr"


def test_a_weight_changed_by_somebody_else_is_repaired(director: Director) -> None:
    director.start()
    director.apply(lvs_cf(1))
    director.run("ipvsadm", "-e", "-t", f"{VIRTUAL4}:80", "-r", "10.36.0.11", "-g", "-w", "7")
    status = director.wait(lambda status: status["repairs"])
    assert status["repairs"][0]["commands"] == [f"ipvsadm -e -t {VIRTUAL4}:80 -r 10.36.0.11:80 -g -w 1"]


def test_an_address_taken_away_by_somebody_else_comes_back(director: Director) -> None:
    director.start()
    director.apply(lvs_cf(1))
    director.run("ip", "address", "del", f"{VIRTUAL4}/32", "dev", "eth0")
    assert set(director.answers(f"http://{VIRTUAL4}/", 1))
    until(lambda: str(VIRTUAL4) in director.run("ip", "-4", "address", "show", "eth0"), "the address is back")


def test_a_foreign_service_is_shown_and_left_alone(director: Director) -> None:
    director.run("ipvsadm", "-A", "-t", "10.36.0.99:99", "-s", "sed")
    director.start()
    director.apply(lvs_cf(1))
    director.apply(lvs_cf(2, address="10.36.0.20 eth0:1"))
    status = director.status()
    assert [(service["owner"], service["port"]) for service in status["services"]] == [("WEB", 80), (None, 99)]


def test_a_service_made_before_is_taken_over_without_a_break(director: Director) -> None:
    director.run("ipvsadm", "-A", "-t", f"{VIRTUAL4}:80", "-s", "rr")
    director.run("ipvsadm", "-a", "-t", f"{VIRTUAL4}:80", "-r", "10.36.0.11", "-g")
    director.start()
    status = director.apply(lvs_cf(1, servers=1))
    assert status["applied"] is not None
    assert status["applied"]["changes"] == 0


ASKS_IN_TWO_PARTS = """
import socket, sys
connection = socket.create_connection((sys.argv[1], 80), 20)
connection.sendall(b"GET / HTTP/1.0\\r\\n")
print("begun", flush=True)
sys.stdin.readline()
connection.sendall(b"\\r\\n")
connection.settimeout(60)
print(connection.makefile().read().split()[-1])
"""


def test_a_server_that_is_taken_out_ends_what_it_is_answering(cluster: Cluster, director: Director) -> None:
    director.start()
    director.apply(lvs_cf(1))
    ask = ["python", "-c", ASKS_IN_TWO_PARTS, str(VIRTUAL4)]
    requests = [cluster.start(CLIENT.name, ask, stdin=PIPE, stdout=PIPE) for _ in range(3)]
    assert [request.stdout.readline() for request in requests if request.stdout] == ["begun\n"] * 3
    with entered(DIRECTOR.name), IPVS() as ipvs:
        director.write(lvs_cf(2, servers=2))
        while all(server.weight for service in ipvs.read()[0].values() for server in service.destinations):
            pass
        # Held here, as it waits three quarters of a second at most, and a slow machine needs longer.
        assert director.process is not None
        director.process.send_signal(signal.SIGSTOP)
    for request in requests:
        assert request.stdin is not None
        request.stdin.write("\n")
        request.stdin.flush()
    answers = {request.communicate()[0].strip() for request in requests}
    director.process.send_signal(signal.SIGCONT)
    director.wait(lambda status: status["applied"] and status["applied"]["serial_no"] == 2)
    assert answers == {"web1", "web2", "web3"}
    assert "10.36.0.13" not in director.run("ipvsadm", "-Ln")
    assert set(director.answers(f"http://{VIRTUAL4}/", 6)) == {"web1", "web2"}


def test_killed_and_started_again_it_breaks_no_connection_and_changes_nothing(director: Director) -> None:
    director.start()
    director.apply(lvs_cf(1))
    slow = director.cluster.start(
        CLIENT.name, ["curl", "-s", "-m", "20", f"http://{VIRTUAL4}/slow?s=6"], stdout=-1
    )
    director.wait(lambda status: sum(d["active"] for d in status["services"][0]["destinations"]) == 1)
    director.kill()
    assert set(director.answers(f"http://{VIRTUAL4}/", 6)) == {"web1", "web2", "web3"}
    director.start()
    status = director.wait(lambda status: status["applied"])
    assert status["applied"]["changes"] == 0  # type: ignore[index]
    plan = director.palometa("plan")
    assert (plan.returncode, plan.stdout) == (0, "")
    said, _ = slow.communicate(timeout=20)
    assert said.endswith("end\n")


def test_what_left_the_file_while_it_was_down_goes_when_it_is_back(director: Director) -> None:
    director.start()
    director.apply(lvs_cf(1))
    director.kill()
    director.write(lvs_cf(2, address="10.36.0.20 eth0:1"))
    director.start()
    status = director.wait(lambda status: status["applied"])
    assert [service["address"] for service in status["services"]] == ["10.36.0.20"]
    assert str(VIRTUAL4) not in director.run("ip", "address", "show", "eth0")


def test_a_broken_file_leaves_the_last_good_one_running_even_over_a_restart(director: Director) -> None:
    director.start()
    director.apply(lvs_cf(1))
    table = director.run("ipvsadm", "-Sn")
    director.write(lvs_cf(2).replace("port = 80", "port = eighty"))
    status = director.wait(lambda status: status["refused"])
    assert status["refused"][0]["line"] == 6
    assert director.palometa("status").returncode == 3
    director.kill()
    director.run("ipvsadm", "-C")
    director.start()
    director.wait(lambda status: status["services"] and has_settled(status))
    assert director.run("ipvsadm", "-Sn") == table


def test_an_interface_that_comes_back_gets_its_address_again(director: Director) -> None:
    director.run("ip", "link", "add", "dummy9", "type", "dummy")
    director.start()
    director.apply(lvs_cf(1, address=f"{VIRTUAL4} dummy9:1"))
    director.run("ip", "link", "del", "dummy9")
    director.wait(lambda status: "there is no interface 'dummy9'" in status["addresses"][0]["message"])
    assert director.status()["addresses"][0]["state"] == "failed"
    director.run("ip", "link", "add", "dummy9", "type", "dummy")
    director.wait(lambda status: status["addresses"][0]["state"] == "unplugged")
    director.run("ip", "link", "set", "dummy9", "up")
    director.wait(lambda status: status["addresses"][0]["state"] == "up")
    director.run("ip", "link", "del", "dummy9")


def test_stopped_it_keeps_everything_as_it_is(director: Director) -> None:
    director.start()
    director.apply(lvs_cf(1))
    director.stop()
    assert set(director.answers(f"http://{VIRTUAL4}/", 6)) == {"web1", "web2", "web3"}


def test_told_to_withdraw_it_takes_away_what_is_its_own_only(director: Director) -> None:
    director.run("ipvsadm", "-A", "-t", "10.36.0.99:99", "-s", "rr")
    director.start()
    director.apply("on_stop = withdraw\n" + lvs_cf(1))
    director.stop()
    assert director.run("ipvsadm", "-Sn") == "-A -t 10.36.0.99:99 -s rr\n"
    assert str(VIRTUAL4) not in director.run("ip", "address", "show", "eth0")


def test_an_address_it_did_not_add_is_never_removed(director: Director) -> None:
    director.run("ip", "address", "add", f"{VIRTUAL4}/32", "dev", "eth0")
    director.start()
    director.apply(lvs_cf(1))
    director.apply(lvs_cf(2, address="10.36.0.20 eth0:1"))
    assert str(VIRTUAL4) in director.run("ip", "address", "show", "eth0")


def test_a_changed_mask_leaves_the_address_up(director: Director) -> None:
    director.start()
    director.apply(lvs_cf(1))
    director.apply(lvs_cf(2, "     vip_nmask = 255.255.255.0"))
    shown = director.run("ip", "-4", "address", "show", "eth0")
    assert f"{VIRTUAL4}/24" in shown
    assert f"{VIRTUAL4}/32" not in shown


def test_a_missing_scheduler_is_named_with_its_module(director: Director) -> None:
    director.start()
    status = director.apply(lvs_cf(1, scheduler="twos"))
    assert status["schedulers_missing"] == ["twos"]
    assert "modprobe ip_vs_twos" in status["applied"]["remained"][0]  # type: ignore[index]
    assert director.palometa("status").returncode == 3
    status = director.apply(lvs_cf(2))
    assert status["applied"]["remained"] == []  # type: ignore[index]


def test_without_the_privilege_it_says_which_one_it_needs(director: Director) -> None:
    director.write(lvs_cf(1))
    director.start_installed(without="net_admin")
    status = director.wait(lambda status: status["trouble"])
    assert "CAP_NET_ADMIN" in status["trouble"][0]


def test_a_second_one_refuses_to_run_beside_the_first(director: Director) -> None:
    director.start()
    second = director.palometa("pulse")
    assert second.returncode == 1
    assert f"another pulse is running (pid {director.status()['pid']})" in second.stderr


def test_nat_forwards_and_brings_the_gateway_address_up(director: Director) -> None:
    director.start()
    text = lvs_cf(1, network="nat\nnat_router = 10.37.0.253 eth1:1\nnat_nmask = 255.255.255.0", subnet="10.37.0.1")
    status = director.apply(text)
    assert [address["address"] for address in status["addresses"]] == [str(VIRTUAL4), "10.37.0.253"]
    assert director.run("sysctl", "-n", "net.ipv4.ip_forward") == "1\n"
    assert {d["forward"] for d in status["services"][0]["destinations"]} == {"Masq"}


def test_apply_and_plan_work_without_pulse(director: Director, tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("cf") / "lvs.cf"
    file.write_text(lvs_cf(1, servers=1))
    plan = director.palometa("plan", str(file))
    assert plan.returncode == 3
    assert plan.stdout.splitlines() == [
        f"ipvsadm -A -t {VIRTUAL4}:80 -s rr",
        f"ipvsadm -a -t {VIRTUAL4}:80 -r 10.36.0.11:80 -g -w 1",
    ]
    applied = director.palometa("apply", str(file))
    assert (applied.returncode, applied.stdout) == (0, "2 changes, 0 remained\n")
    assert director.palometa("plan", str(file)).returncode == 0


def test_the_time_outs_of_the_file_reach_the_kernel(director: Director) -> None:
    director.start()
    status = director.apply("tcp_timeout = 600\nudp_timeout = 60\n" + lvs_cf(1))
    assert status["timeouts"] == {"tcp": 600, "tcpfin": 120, "udp": 60}


def test_when_nothing_is_known_to_be_wanted_what_a_predecessor_left_serves_on(director: Director) -> None:
    director.start()
    director.apply(lvs_cf(1))
    table = director.run("ipvsadm", "-Sn")
    director.kill()
    (director.installation.runtime_directory / "applied.cf").unlink()
    director.write("network = sideways\n")
    director.start()
    director.wait(lambda status: status["refused"] and status["services"])
    assert director.run("ipvsadm", "-Sn") == table
    assert str(VIRTUAL4) in director.run("ip", "address", "show", "eth0")


def test_a_service_it_only_took_over_goes_when_it_leaves_the_file(director: Director) -> None:
    director.start()
    director.apply(lvs_cf(1))
    director.kill()
    (director.installation.runtime_directory / "owned.json").unlink()
    director.start()
    director.wait(lambda status: status["applied"])
    status = director.apply(lvs_cf(2, address="10.36.0.20 eth0:1"))
    assert [service["address"] for service in status["services"]] == ["10.36.0.20"]
    assert str(VIRTUAL4) not in director.run("ip", "address", "show", "eth0")


def test_a_memory_that_cannot_be_used_is_no_end_of_it(director: Director) -> None:
    memory = director.installation.runtime_directory / "owned.json"
    memory.write_text("{")
    memory.chmod(0o644)
    director.start()
    director.apply(lvs_cf(1))
    assert "cannot be used" in director.log.read_text()


def test_forwarding_switched_off_by_somebody_else_is_switched_on_again(director: Director) -> None:
    director.start()
    director.apply(lvs_cf(1, network="nat", subnet="10.37.0.1"))
    director.run("sysctl", "-w", "net.ipv4.ip_forward=0")
    until(lambda: director.run("sysctl", "-n", "net.ipv4.ip_forward") == "1\n", "it is on again")
