"""Against the real kernel: what it lists, and the events about what comes and goes."""

import asyncio
import subprocess
from collections.abc import Awaitable, Callable, Iterator
from ipaddress import ip_address

import pytest

from app.host.network.interface_socket import RECEIVE_QUEUE, InterfaceSocket
from app.host.network.link import AddressNotice, Link, LinkAddress, LinkNotice, Listing, Notice
from tests.host.namespace import own_network
from tests.waiting import LIMIT_S

pytestmark = pytest.mark.kernel


@pytest.fixture(autouse=True)
def _eth0() -> Iterator[None]:
    with own_network():
        _ip("link add eth0 type veth peer name eth1")
        _ip("link set eth0 up")
        _ip("link set eth1 up")
        yield


def _ip(words: str) -> None:
    subprocess.run(["ip", *words.split()], check=True)


class _Heard:
    """An open socket and what it has reported."""

    def __init__(self, receive_queue: int = RECEIVE_QUEUE) -> None:
        self.notices: list[Notice] = []
        self.lost = 0
        self.socket = InterfaceSocket(self.notices.append, self._on_lost, receive_queue)

    def _on_lost(self) -> None:
        self.lost += 1

    async def until(self, is_it: Callable[[Notice], bool]) -> None:
        async with asyncio.timeout(LIMIT_S):
            while not any(is_it(notice) for notice in self.notices):
                await self.socket.catch_up()


def _run(scene: Callable[[_Heard], Awaitable[None]], receive_queue: int = RECEIVE_QUEUE) -> None:
    async def play() -> None:
        heard = _Heard(receive_queue)
        await heard.socket.open()
        try:
            await scene(heard)
        finally:
            heard.socket.close()

    asyncio.run(play())


def _is_link(name: str, *, is_up: bool | None = None, is_gone: bool = False) -> Callable[[Notice], bool]:
    def is_it(notice: Notice) -> bool:
        return (
            isinstance(notice, LinkNotice)
            and (notice.link.name, notice.is_gone) == (name, is_gone)
            and is_up in (None, notice.link.is_up)
        )

    return is_it


def _is_address(text: str, *, is_gone: bool) -> Callable[[Notice], bool]:
    return lambda notice: (
        isinstance(notice, AddressNotice)
        and (notice.address.address, notice.is_gone) == (ip_address(text), is_gone)
    )


def test_nothing_is_reported_while_nothing_changes() -> None:
    async def scene(heard: _Heard) -> None:
        await heard.socket.catch_up()
        heard.notices.clear()
        await heard.socket.catch_up()
        assert heard.notices == []

    _run(scene)


def test_an_interface_that_goes_and_comes_is_reported() -> None:
    async def scene(heard: _Heard) -> None:
        _ip("link del eth0")
        await heard.until(_is_link("eth0", is_gone=True))
        heard.notices.clear()
        _ip("link add eth0 type veth peer name eth1")
        await heard.until(_is_link("eth0"))

    _run(scene)


def test_a_carrier_lost_and_found_is_reported() -> None:
    async def scene(heard: _Heard) -> None:
        _ip("link set eth1 down")
        await heard.until(_is_link("eth0", is_up=False))
        heard.notices.clear()
        _ip("link set eth1 up")
        await heard.until(_is_link("eth0", is_up=True))

    _run(scene)


@pytest.mark.parametrize("address", ["192.0.2.10/24", "2001:db8::10/64"])
def test_an_address_that_comes_and_goes_is_reported(address: str) -> None:
    async def scene(heard: _Heard) -> None:
        _ip(f"address add {address} dev eth0")
        await heard.until(_is_address(address.partition("/")[0], is_gone=False))
        _ip(f"address del {address} dev eth0")
        await heard.until(_is_address(address.partition("/")[0], is_gone=True))

    _run(scene)


def test_a_port_that_leaves_its_bridge_has_not_gone() -> None:
    async def scene(heard: _Heard) -> None:
        _ip("link add bridge0 type bridge")
        _ip("link set eth0 master bridge0")
        _ip("link set eth0 nomaster")
        _ip("link del bridge0")
        await heard.until(_is_link("bridge0", is_gone=True))
        assert not any(_is_link("eth0", is_gone=True)(notice) for notice in heard.notices)

    _run(scene)


def test_everything_is_listed_with_what_is_needed_to_put_it_back() -> None:
    async def scene(heard: _Heard) -> None:
        _ip("address add 192.0.2.10/24 brd + dev eth0 label eth0:1")
        _ip("address add 192.0.2.1 peer 192.0.2.2/32 dev eth1")
        _ip("address add 2001:db8::10/64 dev eth0 nodad preferred_lft 0")
        _ip("link add tunnel0 type ipip local 192.0.2.10")
        found: Listing = await heard.socket.list_all()
        links = {link.name: link for link in found.links}
        assert {"lo", "eth0", "eth1", "tunnel0"} <= links.keys()
        eth0, eth1 = links["eth0"].index, links["eth1"].index
        assert links["eth0"] == Link(eth0, "eth0", is_up=True, hardware=links["eth0"].hardware, has_arp=True)
        assert links["eth0"].hardware.count(":") == 5
        assert not links["lo"].has_arp or links["lo"].hardware == "00:00:00:00:00:00"
        assert not links["tunnel0"].has_arp
        assert LinkAddress(eth0, ip_address("192.0.2.10"), 24, "eth0:1", "192.0.2.255", 0, 0x80) in found.addresses
        # On a point-to-point link ours is the near end.
        assert LinkAddress(eth1, ip_address("192.0.2.1"), 32, "eth1", None, 0, 0x80) in found.addresses
        assert LinkAddress(eth0, ip_address("2001:db8::10"), 64, flags=0xA2) in found.addresses

    _run(scene)


def test_more_events_than_there_is_room_for_are_reported_as_lost_and_end_what_is_being_waited_for() -> None:
    commands = "address add 192.0.2.10/24 dev eth0\naddress del 192.0.2.10/24 dev eth0\n" * 500

    async def scene(heard: _Heard) -> None:
        subprocess.run(["ip", "-batch", "-"], input=commands, text=True, check=True)
        with pytest.raises(OSError, match="No buffer space"):
            await heard.socket.catch_up()
        assert heard.lost == 1

    _run(scene, receive_queue=16 << 10)
