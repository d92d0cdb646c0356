"""pulse and another machine on the network that has the virtual addresses already."""

import pytest

from lab.cluster import Cluster
from lab.network import CLIENT, VIRTUAL4, VIRTUAL6
from tests.pulse.director import Director
from tests.waiting import until

pytestmark = pytest.mark.kernel


def lvs_cf(serial: int, *addresses: str, extra: str = "probe_duplicates = 1") -> str:
    """Return a configuration with a service of one web server at each of `addresses`."""
    lines = [f"serial_no = {serial}", "network = direct", extra]
    for number, address in enumerate(addresses):
        server = "fd36::11" if ":" in address.split()[0] else "10.36.0.11"
        lines += [f"virtual V{number} {{", " active = 1", f" address = {address}", " port = 80"]
        lines += [f" server web1 {{\n  address = {server}\n  active = 1\n }}", "}"]
    return "\n".join([*lines, ""])


def _states(director: Director) -> list[str]:
    return [address["state"] for address in director.status()["addresses"]]


def test_addresses_another_machine_answers_for_are_refused_and_said_and_taken_when_it_has_gone(
    cluster: Cluster, director: Director
) -> None:
    hardware = cluster.run(CLIENT.name, ["cat", "/sys/class/net/eth0/address"]).stdout.strip()
    taken = ([f"{VIRTUAL4}/32"], [f"{VIRTUAL6}/128", "nodad"])
    for words in taken:
        cluster.run(CLIENT.name, ["ip", "address", "add", *words, "dev", "eth0"])
    director.start()
    director.write(lvs_cf(1, f"{VIRTUAL4} eth0:1", f"{VIRTUAL6} eth0", "10.36.0.20 eth0:2"))
    status = director.wait(
        lambda status: [address["state"] for address in status["addresses"]] == ["refused", "refused", "up"]
    )
    assert all(
        f"another machine, {hardware}, answers for it" in address["message"] for address in status["addresses"][:2]
    )
    assert len(status["services"]) == 3
    shown = director.run("ip", "address", "show", "dev", "eth0")
    assert f" {VIRTUAL4}/" not in shown
    assert f" {VIRTUAL6}/" not in shown
    status = director.wait(lambda status: status["applied"] and len(status["applied"]["remained"]) == 2)
    said = [event["reason"] for event in status["events"] if event["kind"] == "address"]
    assert len(said) == 2
    # Each family is probed on its own, and either may be answered first.
    assert "Until then, clients cannot reach V0 on this director." in " ".join(said)

    for words in taken:
        cluster.run(CLIENT.name, ["ip", "address", "del", words[0], "dev", "eth0"])
    director.write(lvs_cf(2, f"{VIRTUAL4} eth0:1", f"{VIRTUAL6} eth0", "10.36.0.20 eth0:2"))
    status = director.wait(lambda status: {address["state"] for address in status["addresses"]} == {"up"})
    said = [event["reason"] for event in status["events"] if event["kind"] == "address"]
    assert sorted(said[2:]) == [
        f"{VIRTUAL4}/32 on eth0:1 is up: {hardware} no longer answers for it",
        f"{VIRTUAL6}/128 on eth0 is up: {hardware} no longer answers for it",
    ]
    assert set(director.answers(f"http://{VIRTUAL4}/", 2)) == {"web1"}
    director.run("ip", "address", "del", f"{VIRTUAL6}/128", "dev", "eth0")


def test_the_real_servers_that_have_the_address_for_direct_routing_are_in_nobodys_way(director: Director) -> None:
    director.start()
    director.write(lvs_cf(1, f"{VIRTUAL4} eth0:1", f"{VIRTUAL6} eth0"))
    director.wait(lambda status: {address["state"] for address in status["addresses"]} == {"up"})


def test_killed_in_the_middle_it_adopts_its_addresses_and_takes_down_what_is_wanted_no_more(
    director: Director,
) -> None:
    director.start()
    addresses = [f"10.36.0.{number} eth0:{number}" for number in range(30, 90)]
    director.write(lvs_cf(1, *addresses, extra=""))
    until(lambda: "10.36.0.30/32" in director.run("ip", "address", "show", "dev", "eth0"), "the first one is up")
    director.kill()
    director.write(lvs_cf(2, *addresses[:2], extra=""))
    director.start()
    director.wait(lambda status: status["applied"] and _states(director) == ["up", "up"])
    shown = director.run("ip", "-4", "address", "show", "dev", "eth0")
    assert [f"10.36.0.{number}/32" in shown for number in range(30, 90)] == [True, True] + [False] * 58
    assert "10.36.0.2/24" in shown
    for number in (30, 31):
        director.run("ip", "address", "del", f"10.36.0.{number}/32", "dev", "eth0")


def test_an_address_that_cannot_be_brought_up_hides_no_repair_of_the_table(director: Director) -> None:
    director.start()
    director.write(lvs_cf(1, f"{VIRTUAL4} bond7:1", extra=""))
    director.wait(lambda status: status["applied"] and _states(director) == ["failed"] and status["services"])
    director.run("ipvsadm", "-C")
    status = director.wait(lambda status: status["repairs"])
    assert status["repairs"][0]["commands"][0] == f"ipvsadm -A -t {VIRTUAL4}:80 -s wlc"
