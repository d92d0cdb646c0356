"""The announcer in a time of its own: what it sends, and when."""

import asyncio
from collections import Counter
from collections.abc import Iterable
from ipaddress import IPv4Address
from itertools import pairwise

import pytest

from app.host.packets.announce import AnnounceFailed
from app.lvs.desired.addresses import VirtualAddress
from app.lvs.model.values import Address
from app.pulse.addresses.announcer import APART_S, AT_ONCE, Announcer
from tests.pulse.virtual_time import run_virtually

_VIP = VirtualAddress(IPv4Address("192.0.2.10"), 24, "eth0:1")
_OTHER = VirtualAddress(IPv4Address("192.0.2.11"), 24, "eth1")


class _Segment:
    """What neighbours have heard: (seconds since the start, interface, address)."""

    def __init__(self) -> None:
        self.heard: list[tuple[float, str, Address]] = []
        self.is_down = False
        self._start = asyncio.get_running_loop().time()

    def send(self, interface: str, addresses: Iterable[Address]) -> None:
        if self.is_down:
            raise AnnounceFailed(f"{interface} is down.")
        now = asyncio.get_running_loop().time() - self._start
        self.heard += [(now, interface, address) for address in addresses]

    def times(self, virtual: VirtualAddress) -> list[int]:
        return [round(at) for at, _, address in self.heard if address == virtual.address]


def test_a_new_address_is_announced_five_times_a_second_apart_and_once_more_later() -> None:
    async def scene() -> _Segment:
        segment = _Segment()
        Announcer(segment.send).keep_announced([_VIP], 60, 0)
        await asyncio.sleep(3600)
        return segment

    segment = run_virtually(scene())
    assert segment.times(_VIP) == [0, 1, 2, 3, 4, 60]
    assert {interface for _, interface, _ in segment.heard} == {"eth0"}


def test_it_is_not_announced_again_where_that_is_switched_off() -> None:
    async def scene() -> _Segment:
        segment = _Segment()
        Announcer(segment.send).keep_announced([_VIP], 0, 0)
        await asyncio.sleep(3600)
        return segment

    assert run_virtually(scene()).times(_VIP) == [0, 1, 2, 3, 4]


def test_all_are_announced_anew_at_the_interval() -> None:
    async def scene() -> _Segment:
        segment = _Segment()
        Announcer(segment.send).keep_announced([_VIP, _OTHER], 0, 100)
        await asyncio.sleep(310)
        return segment

    segment = run_virtually(scene())
    assert segment.times(_VIP) == segment.times(_OTHER) == [0, 1, 2, 3, 4, 104, 204, 304]


def test_another_interval_holds_from_the_moment_it_is_set() -> None:
    async def scene() -> _Segment:
        segment = _Segment()
        announcer = Announcer(segment.send)
        announcer.keep_announced([_VIP], 0, 0)
        await asyncio.sleep(50)
        announcer.keep_announced([_VIP], 0, 10)
        await asyncio.sleep(25)
        announcer.keep_announced([_VIP], 0, 0)
        await asyncio.sleep(100)
        return segment

    assert run_virtually(scene()).times(_VIP) == [0, 1, 2, 3, 4, 60, 70]


def test_following_the_same_again_announces_nothing_anew() -> None:
    async def scene() -> _Segment:
        segment = _Segment()
        announcer = Announcer(segment.send)
        for _ in range(100):
            announcer.keep_announced([_VIP], 0, 0)
            await asyncio.sleep(1)
        return segment

    assert run_virtually(scene()).times(_VIP) == [0, 1, 2, 3, 4]


def test_an_address_that_went_down_is_announced_no_more() -> None:
    async def scene() -> _Segment:
        segment = _Segment()
        announcer = Announcer(segment.send)
        announcer.keep_announced([_VIP, _OTHER], 60, 10)
        await asyncio.sleep(1.5)
        announcer.keep_announced([_OTHER], 60, 10)
        await asyncio.sleep(100)
        return segment

    assert run_virtually(scene()).times(_VIP) == [0, 1]


def test_a_thousand_addresses_are_spread_and_none_waits_for_another_to_be_done() -> None:
    virtuals = [VirtualAddress(IPv4Address("10.0.0.0") + number, 32, "eth0") for number in range(1000)]

    async def scene() -> _Segment:
        segment = _Segment()
        Announcer(segment.send).keep_announced(virtuals, 0, 0)
        await asyncio.sleep(60)
        return segment

    heard = run_virtually(scene()).heard
    bursts = Counter(at for at, _, _ in heard)
    assert set(bursts.values()) == {AT_ONCE}
    assert all(later - earlier >= APART_S - 1e-6 for earlier, later in pairwise(sorted(bursts)))
    assert {address for _, _, address in heard[:1000]} == {virtual.address for virtual in virtuals}
    assert set(Counter(address for _, _, address in heard).values()) == {5}


def test_new_addresses_do_not_make_it_faster() -> None:
    async def scene() -> _Segment:
        segment = _Segment()
        announcer = Announcer(segment.send)
        up: list[VirtualAddress] = []
        for number in range(300):
            up.append(VirtualAddress(IPv4Address("10.0.0.0") + number, 32, "eth0"))
            announcer.keep_announced(up, 0, 0)
            await asyncio.sleep(0.001)
        await asyncio.sleep(60)
        return segment

    bursts = Counter(at for at, _, _ in run_virtually(scene()).heard)
    assert max(bursts.values()) <= AT_ONCE
    assert all(later - earlier >= APART_S - 1e-6 for earlier, later in pairwise(sorted(bursts)))


def test_an_interface_that_is_down_is_said_once_and_over_when_it_is_heard_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def scene() -> tuple[str, str]:
        segment = _Segment()
        segment.is_down = True
        announcer = Announcer(segment.send)
        announcer.keep_announced([_VIP], 0, 0)
        await asyncio.sleep(10)
        before = announcer.failure("eth0")
        segment.is_down = False
        announcer.burst([_VIP])
        await asyncio.sleep(10)
        assert segment.times(_VIP) == [10, 11, 12, 13, 14]
        return before, announcer.failure("eth0")

    assert run_virtually(scene()) == ("eth0 is down.", "")
    assert [record.message for record in caplog.records] == ["eth0 is down."]


def test_stopped_it_is_silent() -> None:
    async def scene() -> _Segment:
        segment = _Segment()
        announcer = Announcer(segment.send)
        announcer.keep_announced([_VIP], 60, 10)
        announcer.stop()
        await asyncio.sleep(100)
        return segment

    assert run_virtually(scene()).heard == []
