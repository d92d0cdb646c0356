"""Each table in ipvsadm's words against the real ipvsadm, of a real kernel with traffic through it."""

from ipaddress import ip_address
from pathlib import Path

import pytest

from app.host.ipvs.proc_connections import read_pieces
from app.host.ipvs.table import IPVS
from app.host.ipvs.values import SyncDaemon
from app.lvs.ipvs.connection_table import ConnectionFilter as Asked
from app.lvs.ipvs.connection_table import chooser, connection_lines, connection_of, words_of
from app.lvs.ipvs.service_names import read_network
from app.lvs.table_page.ipvsadm_tables import OPTIONS, TABLES
from tests.host.namespace import own_network
from tests.pulse.one_director.kernel_table import ipvs, report, run, same_moment, traffic

__all__ = ["ipvs"]

pytestmark = pytest.mark.kernel


def start_daemon(role: str, interface: str, *more: str) -> None:
    run("ipvsadm", "--start-daemon", role, "--mcast-interface", interface, *more)


@pytest.mark.parametrize("table", [name for name in TABLES if name != "plain"])
def test_each_table_is_what_ipvsadm_prints(ipvs: IPVS, table: str) -> None:
    ours, theirs = same_moment(lambda: list(TABLES[table](report(ipvs))), OPTIONS[table].split())
    assert ours == theirs


def test_the_rates_are_what_ipvsadm_prints_while_there_is_traffic(ipvs: IPVS) -> None:
    with traffic(ipvs):
        ours, theirs = same_moment(lambda: list(TABLES["rate"](report(ipvs))), OPTIONS["rate"].split())
    assert ours == theirs


def entries(query: Asked, ipvs: IPVS) -> list[str]:
    chosen = chooser(query, ipvs.read()[0])
    words = [found for lines in read_pieces() for line in lines if (found := words_of(line)) and chosen(found)]
    return list(connection_lines([connection_of(found) for found in words]))


def test_the_connections_are_what_ipvsadm_prints(ipvs: IPVS) -> None:
    ours, theirs = same_moment(lambda: entries(Asked(), ipvs), ["-Ln", "-c"])
    assert ours == theirs
    kinds = {(line.split()[0], line.split()[2]) for line in ours[2:]}
    assert {("TCP", "ESTABLISHED"), ("UDP", "UDP"), ("IP", "ASSURED"), ("TCP", "ASSURED")} <= kinds


def test_a_client_is_found_in_the_real_table_with_its_template(ipvs: IPVS) -> None:
    lines = entries(Asked(client=read_network("10.9.0.1")), ipvs)[2:]
    assert sum("10.9.0.0:0" in line for line in lines) == 1
    assert sum("10.9.0.1:80 " in line and "ESTABLISHED" in line for line in lines) == 2


def test_the_sync_daemons_are_read_and_printed_as_ipvsadm_does(ipvs: IPVS) -> None:
    assert ipvs.daemons() == []
    run("ip", "link", "add", "d0", "type", "dummy")
    run("ip", "address", "add", "10.9.2.1/24", "dev", "d0")
    run("ip", "link", "set", "d0", "up")
    start_daemon("master", "d0", "--syncid", "7", "--sync-maxlen", "1400")
    start_daemon("backup", "lo", "--syncid", "9", "--mcast-group", "ff02::1")
    try:
        assert SyncDaemon(True, "d0", 7, 1400, ip_address("224.0.0.81"), 8848, 1) in ipvs.daemons()
        lines = list(TABLES["daemon"](report(ipvs)))
        assert lines == run("ipvsadm", *OPTIONS["daemon"].split()).splitlines()
        assert len(lines) == 2
    finally:
        run("ipvsadm", "--stop-daemon", "master")
        run("ipvsadm", "--stop-daemon", "backup")


def test_a_namespace_without_ipvs_in_use_has_an_empty_table() -> None:
    with own_network(), IPVS():
        assert Path("/proc/thread-self/net/ip_vs_conn").exists()
        assert [words_of(line) for lines in read_pieces() for line in lines if words_of(line)] == []
