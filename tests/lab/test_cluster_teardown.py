"""What a cluster leaves behind."""

import subprocess

import pytest

from lab.cluster import Cluster
from lab.network import CLIENT, DIRECTOR, PRIVATE_DIRECTOR4, VIRTUAL4

pytestmark = pytest.mark.kernel


def test_a_translated_connection_comes_back_through_the_director_and_nothing_is_left_afterwards() -> None:
    with Cluster(web_servers=1, tcp=(8080,), udp=()) as cluster:
        cluster.route_back_through_director()
        for command in (
            ["sysctl", "--quiet", "--write", "net.ipv4.ip_forward=1"],
            ["ip", "address", "add", f"{VIRTUAL4}/32", "dev", "eth0"],
            ["ipvsadm", "-A", "-t", f"{VIRTUAL4}:80", "-s", "rr"],
            ["ipvsadm", "-a", "-t", f"{VIRTUAL4}:80", "-r", "10.37.0.11:8080", "-m"],
        ):
            cluster.run(DIRECTOR.name, command)
        default = cluster.run("web1", ["ip", "route", "show", "default"]).stdout
        assert f"via {PRIVATE_DIRECTOR4}" in default
        fetched = cluster.run(CLIENT.name, ["curl", "--silent", "--max-time", "10", f"http://{VIRTUAL4}/"])
        assert fetched.stdout == "web1\n"
        left = cluster.start(DIRECTOR.name, ["sleep", "1000"])
        astray = cluster.start(CLIENT.name, ["setsid", "--fork", "sleep", "1000"])
        astray.wait()
    assert left.returncode is not None
    listed = subprocess.run(["ip", "netns", "list"], capture_output=True, text=True, check=True).stdout
    assert listed == ""
    assert subprocess.run(["pgrep", "-x", "sleep"], check=False).returncode == 1
