"""When interfaces and addresses are listed, in a time of its own and with a kernel that is two lists."""

import asyncio
import errno
from collections.abc import Awaitable, Callable
from contextlib import closing
from ipaddress import ip_address

import pytest

from app.host.network.interfaces import LISTED_EVERY_S, Interfaces
from app.host.network.link import AddressNotice, Link, LinkAddress, Listing, Notice, Relisted
from tests.pulse.virtual_time import run_virtually

_ETH0 = Link(2, "eth0", True, "02:00:00:00:00:01")
_FIRST = LinkAddress(2, ip_address("192.0.2.10"), 24)
_SECOND = LinkAddress(2, ip_address("192.0.2.11"), 24)


class _Kernel:
    """Has addresses; each source it opens is lost when it says so."""

    def __init__(self) -> None:
        self.addresses = [_FIRST]
        self.listings = 0
        self.opened = 0
        self.fails = False
        self.during_listing: Callable[[], None] = lambda: None
        self.report: Callable[[Notice], None] = lambda _: None
        self.lose: Callable[[], None] = lambda: None

    def source(self, on_notice: Callable[[Notice], None], on_lost: Callable[[], None]) -> "_Kernel":
        self.report, self.lose = on_notice, on_lost
        self.opened += 1
        return self

    async def open(self) -> None:
        if self.fails:
            raise OSError(errno.EMFILE, "Too many open files")

    def close(self) -> None:
        pass

    async def list_all(self) -> Listing:
        self.listings += 1
        listing = Listing((_ETH0,), tuple(self.addresses))
        await asyncio.sleep(0.01)
        self.during_listing()
        return listing

    async def catch_up(self) -> None:
        pass


def _run(scene: Callable[[_Kernel, Interfaces, list[Notice]], Awaitable[None]]) -> None:
    async def play() -> None:
        kernel, heard = _Kernel(), list[Notice]()
        with closing(Interfaces(kernel.source)) as interfaces:
            interfaces.subscribe(heard.append)
            await interfaces.start()
            await scene(kernel, interfaces, heard)

    run_virtually(play())


def _addresses(interfaces: Interfaces) -> list[LinkAddress]:
    return [address for _, address in interfaces.state().addresses]


def test_events_change_what_is_known_without_another_listing() -> None:
    async def scene(kernel: _Kernel, interfaces: Interfaces, heard: list[Notice]) -> None:
        assert _addresses(interfaces) == [_FIRST]
        notices = [AddressNotice(_SECOND, is_gone=False), AddressNotice(_FIRST, is_gone=True)]
        for notice in notices:
            kernel.report(notice)
        assert _addresses(interfaces) == [_SECOND]
        assert heard == notices
        assert (await interfaces.read()).addresses == (("eth0", _SECOND),)
        assert kernel.listings == 1

    _run(scene)


def test_a_change_nobody_reported_is_found_after_a_minute_and_said_once() -> None:
    async def scene(kernel: _Kernel, interfaces: Interfaces, heard: list[Notice]) -> None:
        kernel.addresses = [_SECOND]
        await asyncio.sleep(LISTED_EVERY_S - 1)
        assert _addresses(interfaces) == [_FIRST]
        await asyncio.sleep(2)
        assert _addresses(interfaces) == [_SECOND]
        await asyncio.sleep(LISTED_EVERY_S)
        assert kernel.listings == 3
        assert heard == [Relisted()]

    _run(scene)


def test_after_events_were_lost_everything_is_listed_again() -> None:
    async def scene(kernel: _Kernel, interfaces: Interfaces, heard: list[Notice]) -> None:
        kernel.addresses = [_FIRST, _SECOND]
        kernel.lose()
        await asyncio.sleep(1)
        assert _addresses(interfaces) == [_FIRST, _SECOND]
        assert heard == [Relisted()]
        assert (kernel.opened, kernel.listings) == (2, 2)

    _run(scene)


def test_a_kernel_that_cannot_be_followed_is_asked_again_until_it_can() -> None:
    async def scene(kernel: _Kernel, interfaces: Interfaces, heard: list[Notice]) -> None:
        kernel.fails = True
        kernel.lose()
        await asyncio.sleep(3)
        with pytest.raises(OSError, match="Too many open files"):
            await interfaces.read()
        kernel.fails, kernel.addresses = False, [_SECOND]
        await asyncio.sleep(2)
        assert _addresses(interfaces) == [_SECOND]
        assert heard == [Relisted()]

    _run(scene)


def test_a_change_during_a_listing_is_not_undone_by_it() -> None:
    async def scene(kernel: _Kernel, interfaces: Interfaces, heard: list[Notice]) -> None:
        kernel.during_listing = lambda: kernel.report(AddressNotice(_FIRST, is_gone=True))
        await asyncio.sleep(LISTED_EVERY_S + 1)
        assert kernel.listings == 2
        assert _addresses(interfaces) == []

    _run(scene)


def test_a_change_of_our_own_is_known_immediately_and_announced_to_nobody() -> None:
    async def scene(kernel: _Kernel, interfaces: Interfaces, heard: list[Notice]) -> None:
        revision = interfaces.revision
        interfaces.note(AddressNotice(_SECOND, is_gone=False))
        assert interfaces.revision != revision
        assert [found.address for found in interfaces.devices()[0].addresses] == [_FIRST.address, _SECOND.address]
        assert heard == []

    _run(scene)
