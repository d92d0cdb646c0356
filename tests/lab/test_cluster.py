"""The demonstration cluster: all nodes reach each other as required, over IPv4 and IPv6."""

import subprocess

import pytest

from lab.cluster import Cluster
from lab.network import CLIENT, DIRECTOR, VIRTUAL4, VIRTUAL6

pytestmark = pytest.mark.kernel


def fetch(cluster: Cluster, url: str) -> str:
    return cluster.run(
        CLIENT.name, ["curl", "--silent", "--show-error", "--globoff", "--max-time", "10", url]
    ).stdout


def test_the_client_reaches_each_web_server_over_ipv4(cluster: Cluster) -> None:
    answers = [fetch(cluster, f"http://{node.legs[0].ipv4}/") for node in cluster.web_servers]
    assert answers == ["web1\n", "web2\n", "web3\n"]


def test_the_client_reaches_each_web_server_over_ipv6(cluster: Cluster) -> None:
    answers = [fetch(cluster, f"http://[{node.legs[0].ipv6}]/") for node in cluster.web_servers]
    assert answers == ["web1\n", "web2\n", "web3\n"]


def test_a_slow_answer_is_complete(cluster: Cluster) -> None:
    lines = fetch(cluster, f"http://{cluster.web_servers[0].legs[0].ipv4}/slow?s=0.5").splitlines()
    assert lines == ["web1 0", "web1 1", "web1 2", "web1 3", "web1 4", "end"]


def test_the_director_reaches_the_web_servers_on_the_private_network(cluster: Cluster) -> None:
    for node in cluster.web_servers:
        cluster.run(DIRECTOR.name, ["ping", "-c", "1", "-W", "5", str(node.legs[1].ipv4)])
        cluster.run(DIRECTOR.name, ["ping", "-c", "1", "-W", "5", str(node.legs[1].ipv6)])


def test_no_web_server_answers_arp_or_ndp_for_the_virtual_address(cluster: Cluster) -> None:
    for address in (VIRTUAL4, VIRTUAL6):
        pinged = cluster.run(CLIENT.name, ["ping", "-c", "1", "-W", "1", str(address)], check=False)
        assert pinged.returncode != 0
        neighbour = cluster.run(CLIENT.name, ["ip", "neighbour", "show", "to", str(address)]).stdout
        assert "lladdr" not in neighbour


# Not tunnelling over IPv6: the embedded kernel, 6.1.176, accepts such a server but sends no packet to it.
@pytest.mark.parametrize(
    ("virtual", "forward"),
    [(f"-t {VIRTUAL4}:80", "-g"), (f"-t {VIRTUAL4}:80", "-i"), (f"-t [{VIRTUAL6}]:80", "-g")],
)
def test_direct_routing_and_tunnelling_reach_the_web_servers(cluster: Cluster, virtual: str, forward: str) -> None:
    is_ipv6 = "[" in virtual
    address, servers = _service(cluster, is_ipv6)
    ipvsadm(cluster, f"-A {virtual} -s rr")
    cluster.run(DIRECTOR.name, ["ip", "address", "add", address, "dev", "eth0"])
    try:
        for server in servers:
            ipvsadm(cluster, f"-a {virtual} -r {server} {forward}")
        url = f"http://{virtual.split()[1]}/"
        assert sorted(fetch(cluster, url) for _ in range(6)) == ["web1\n"] * 2 + ["web2\n"] * 2 + ["web3\n"] * 2
    finally:
        ipvsadm(cluster, "-C")
        cluster.run(DIRECTOR.name, ["ip", "address", "del", address, "dev", "eth0"])


def test_udp_answers_come_from_the_virtual_address(cluster: Cluster) -> None:
    address, servers = _service(cluster, is_ipv6=False)
    ipvsadm(cluster, f"-A -u {VIRTUAL4}:7 -s rr")
    cluster.run(DIRECTOR.name, ["ip", "address", "add", address, "dev", "eth0"])
    try:
        ipvsadm(cluster, f"-a -u {VIRTUAL4}:7 -r {servers[2].removesuffix(':80')}:7 -g")
        program = (
            "import socket, sys; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(10);"
            "s.connect((sys.argv[1], 7)); s.send(b'hello'); print(s.recv(100).decode())"
        )
        assert cluster.run(CLIENT.name, ["python3", "-c", program, str(VIRTUAL4)]).stdout == "web3 hello\n"
    finally:
        ipvsadm(cluster, "-C")
        cluster.run(DIRECTOR.name, ["ip", "address", "del", address, "dev", "eth0"])


def test_a_stopped_web_server_refuses_until_it_is_started_again(cluster: Cluster) -> None:
    server = cluster.web_servers[2]
    cluster.stop_web_server(server.name)
    with pytest.raises(subprocess.CalledProcessError):
        fetch(cluster, f"http://{server.legs[0].ipv4}/")
    cluster.start_web_servers(server.name)
    assert fetch(cluster, f"http://{server.legs[0].ipv4}/") == "web3\n"


def ipvsadm(cluster: Cluster, words: str) -> None:
    cluster.run(DIRECTOR.name, ["ipvsadm", *words.split()])


def _service(cluster: Cluster, is_ipv6: bool) -> tuple[str, list[str]]:
    if is_ipv6:
        return f"{VIRTUAL6}/128", [f"[{node.legs[0].ipv6}]:80" for node in cluster.web_servers]
    return f"{VIRTUAL4}/32", [f"{node.legs[0].ipv4}:80" for node in cluster.web_servers]
