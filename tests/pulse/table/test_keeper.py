"""The keeper of the table against the real kernel's IPVS, while others change the table too."""

import asyncio
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from ipaddress import IPv4Address
from pathlib import Path

import pytest

from app.host.ipvs.table import IPVS
from app.host.netlink.socket import NetlinkSocket
from app.lvs.ipvs.table import Destination, DestinationKey, Family, Forward, Service, ServiceKey, Table, Transport
from app.pulse.process.owned import OwnedState
from app.pulse.table.keeper import AUDITED_AT_ONCE, TableKeeper
from tests.host.namespace import own_network

pytestmark = pytest.mark.kernel

SERVICES = 3 * AUDITED_AT_ONCE


def key(number: int) -> ServiceKey:
    return ServiceKey(Family.IPV4, Transport.TCP, IPv4Address("192.0.2.0") + number, 80)


def service(number: int, weight: int = 1) -> Service:
    server = DestinationKey(IPv4Address("198.51.100.1"), 80)
    return Service(key(number), "wlc", destinations=(Destination(server, Forward.ROUTE, weight),))


def table(count: int) -> Table:
    return {key(number): service(number) for number in range(count)}


@pytest.fixture
def keeper(tmp_path: Path) -> Iterator[TableKeeper]:
    with own_network(), IPVS() as ipvs:
        keeper = TableKeeper(ipvs, OwnedState(tmp_path))
        keeper.read_all()
        yield keeper


def ipvsadm(*arguments: str) -> None:
    subprocess.run(["ipvsadm", *arguments], check=True)


def in_kernel(keeper: TableKeeper) -> Table:
    return keeper.ipvs.read()[0]


def test_a_table_larger_than_one_look_is_repaired_everywhere_in_a_few(keeper: TableKeeper) -> None:
    keeper.wanted = table(SERVICES)
    asyncio.run(keeper.converge())
    for number in (0, SERVICES // 2, SERVICES - 1):
        ipvsadm("-e", "-t", f"{key(number).address}:80", "-r", "198.51.100.1", "-g", "-w", "7")
    repaired = [asyncio.run(keeper.repair()).commands for _ in range(SERVICES // AUDITED_AT_ONCE + 1)]
    assert sum(len(commands) for commands in repaired) == 3
    assert in_kernel(keeper) == keeper.wanted


def test_a_service_that_is_gone_or_set_otherwise_is_repaired_at_the_next_look(keeper: TableKeeper) -> None:
    keeper.wanted = table(SERVICES)
    asyncio.run(keeper.converge())
    ipvsadm("-D", "-t", f"{key(0).address}:80")
    ipvsadm("-E", "-t", f"{key(SERVICES - 1).address}:80", "-s", "rr")
    assert len(asyncio.run(keeper.repair()).commands) == 3
    assert in_kernel(keeper) == keeper.wanted


def test_what_others_did_since_the_last_look_does_not_lead_a_change_astray(keeper: TableKeeper) -> None:
    keeper.wanted = table(3)
    asyncio.run(keeper.converge())
    ipvsadm("-C")
    keeper.wanted = {**keeper.wanted, key(1): service(1, weight=5)}
    outcome = asyncio.run(keeper.converge())
    assert outcome.remained == ()
    assert in_kernel(keeper)[key(1)] == service(1, weight=5)


def test_a_service_taken_away_behind_its_back_is_as_good_as_deleted(keeper: TableKeeper) -> None:
    keeper.wanted = table(2)
    asyncio.run(keeper.converge())
    ipvsadm("-D", "-t", f"{key(0).address}:80")
    keeper.wanted = {key(1): service(1)}
    assert asyncio.run(keeper.converge()).remained == ()
    assert in_kernel(keeper) == keeper.wanted


def test_foreign_services_are_seen_come_and_go_and_are_left_alone(keeper: TableKeeper) -> None:
    keeper.wanted = table(1)
    asyncio.run(keeper.converge())
    ipvsadm("-A", "-t", "203.0.113.1:25")
    ipvsadm("-a", "-t", "203.0.113.1:25", "-r", "198.51.100.9", "-g")
    asyncio.run(keeper.repair())
    foreign = next(found for known, found in keeper.table.items() if known.port == 25)
    assert len(foreign.destinations) == 1
    ipvsadm("-D", "-t", "203.0.113.1:25")
    assert asyncio.run(keeper.repair()).commands == ()
    assert keeper.table == keeper.wanted


def test_a_change_costs_the_kernel_the_same_whatever_the_size_of_the_table(
    tmp_path: Path,
) -> None:
    requests: list[bytes] = []

    class Counting(NetlinkSocket):
        def send(self, requested: bytes) -> None:
            requests.append(requested)
            super().send(requested)

    with own_network(), IPVS(Counting) as ipvs:
        keeper = TableKeeper(ipvs, OwnedState(tmp_path))
        keeper.wanted = table(SERVICES)
        asyncio.run(keeper.converge())
        requests.clear()
        keeper.wanted = {**keeper.wanted, key(7): replace(keeper.wanted[key(7)], destinations=())}
        assert len(asyncio.run(keeper.converge()).commands) == 1
        assert len(requests) == 3
