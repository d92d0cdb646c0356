"""Against the real kernel: what comes and goes is told."""

import select
import subprocess
import time
from collections.abc import Callable, Iterator
from ipaddress import ip_address

import pytest

from app.host.network.link_watch import AddressNotice, LinkNotice, LinkWatch, Notice, NoticesLost
from tests.host.namespace import own_network

pytestmark = pytest.mark.kernel


@pytest.fixture
def watch() -> Iterator[LinkWatch]:
    with own_network():
        _ip("link add eth0 type veth peer name eth1")
        _ip("link set eth0 up")
        _ip("link set eth1 up")
        found = LinkWatch()
        yield found
        found.close()


def _ip(words: str) -> None:
    subprocess.run(["ip", *words.split()], check=True)


def _hear(watch: LinkWatch, is_it: Callable[[Notice], bool]) -> list[Notice]:
    """Return all that is told until what is waited for is; fail after a while."""
    heard: list[Notice] = []
    until = time.monotonic() + 20
    while not any(is_it(notice) for notice in heard):
        assert time.monotonic() < until, heard
        select.select([watch], [], [], 1)
        heard += watch.notices()
    return heard


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


def test_nothing_new_is_told_without_waiting(watch: LinkWatch) -> None:
    list(watch.notices())
    assert list(watch.notices()) == []


def test_an_interface_that_goes_and_comes_is_told(watch: LinkWatch) -> None:
    _ip("link del eth0")
    _hear(watch, _is_link("eth0", is_gone=True))
    _ip("link add eth0 type veth peer name eth1")
    _hear(watch, _is_link("eth0"))


def test_a_carrier_lost_and_found_is_told(watch: LinkWatch) -> None:
    _ip("link set eth1 down")
    _hear(watch, _is_link("eth0", is_up=False))
    _ip("link set eth1 up")
    _hear(watch, _is_link("eth0", is_up=True))


@pytest.mark.parametrize("address", ["192.0.2.10/24", "2001:db8::10/64"])
def test_an_address_that_comes_and_goes_is_told(watch: LinkWatch, address: str) -> None:
    _ip(f"address add {address} dev eth0")
    _hear(watch, _is_address(address.partition("/")[0], is_gone=False))
    _ip(f"address del {address} dev eth0")
    _hear(watch, _is_address(address.partition("/")[0], is_gone=True))


def test_a_port_that_leaves_its_bridge_has_not_gone(watch: LinkWatch) -> None:
    _ip("link add bridge0 type bridge")
    _ip("link set eth0 master bridge0")
    _ip("link set eth0 nomaster")
    _ip("link del bridge0")
    heard = _hear(watch, _is_link("bridge0", is_gone=True))
    assert not any(_is_link("eth0", is_gone=True)(notice) for notice in heard)


def test_more_than_there_is_room_for_is_said_to_be_lost(watch: LinkWatch) -> None:
    commands = "address add 192.0.2.10/24 dev eth0\naddress del 192.0.2.10/24 dev eth0\n" * 2000
    subprocess.run(["ip", "-batch", "-"], input=commands, text=True, check=True)
    _hear(watch, lambda notice: isinstance(notice, NoticesLost))
    _ip("address add 192.0.2.77/24 dev eth0")
    _hear(watch, _is_address("192.0.2.77", is_gone=False))
