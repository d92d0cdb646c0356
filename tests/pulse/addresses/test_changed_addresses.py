"""An address whose configuration changes is there all the while, as clients see it."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

import pytest

from app.host.network.interfaces import Interfaces
from app.host.network.link import AddressNotice, Notice
from app.lvs.desired.addresses import virtual_addresses
from app.lvs.model.config import Config
from app.lvs.model.values import Address
from app.pulse.addresses.keeper import AddressKeeper
from app.pulse.process.owned import OwnedState
from tests.pulse.addresses.veth import (
    VIP,
    VIP6,
    config_of,
    ip,
    is_up,
    keeper_of,
    run,
    shown,
)
from tests.waiting import until_on_loop

pytestmark = [pytest.mark.kernel, pytest.mark.usefixtures("eth0")]


def _is_more(counted: Callable[[], tuple[int, int]], sent: int) -> bool:
    return counted()[0] > sent


@contextmanager
def _traffic(address: str) -> Iterator[Callable[[], tuple[int, int]]]:
    """Send to `address` all the while; the callable returns how many datagrams were sent and refused so far."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    counted = {"sent": 0, "lost": 0}
    stopping = threading.Event()

    def send() -> None:
        with socket.socket(family, socket.SOCK_DGRAM) as there, socket.socket(family, socket.SOCK_DGRAM) as here:
            there.bind(("::" if family == socket.AF_INET6 else "", 7777))
            there.settimeout(1)
            while not stopping.is_set():
                counted["sent"] += 1
                try:
                    here.sendto(b"x", (address, 7777))
                    there.recv(16)
                except OSError:
                    counted["lost"] += 1

    # In this thread's namespace: a thread has that of the one that starts it.
    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield lambda: (counted["sent"], counted["lost"])
    finally:
        stopping.set()
        thread.join()


def _is_always_somewhere(address: Address, heard: Iterable[Notice], at: Iterable[tuple[int, int]]) -> bool:
    """Return whether, by the events `heard`, `address` was always somewhere; it began at these (index, prefix)."""
    places = set(at)
    for notice in heard:
        if isinstance(notice, AddressNotice) and notice.address.address == address:
            place = (notice.address.index, notice.address.prefix)
            places.discard(place) if notice.is_gone else places.add(place)
            if not places:
                return False
    return True


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        pytest.param(
            config_of(f"{VIP} eth0:1"),
            config_of(f"{VIP} eth0:1", mask="255.255.255.0"),
            "inet 192.0.2.10/24 brd 192.0.2.255 scope global eth0:1",
            id="mask",
        ),
        pytest.param(
            config_of(f"{VIP} eth0:1"),
            config_of(f"{VIP} eth0:2"),
            "inet 192.0.2.10/32 scope global eth0:2",
            id="label",
        ),
        pytest.param(
            config_of(f"{VIP6} eth0"), config_of(f"{VIP6} eth0", mask6="/64"), "inet6 2001:db8::10/64", id="prefix"
        ),
        pytest.param(config_of(f"{VIP} eth0:1"), config_of(f"{VIP} eth1:1"), "scope global eth1:1", id="device"),
        pytest.param(config_of(f"{VIP6} eth0"), config_of(f"{VIP6} eth1"), "2001:db8::10/128", id="device6"),
    ],
)
def test_a_changed_address_is_there_all_the_while(
    tmp_path: Path, before: Config, after: Config, shown: str
) -> None:
    (virtual,) = virtual_addresses(before)
    address = str(virtual.address)
    memory = OwnedState(tmp_path)

    async def scene() -> None:
        with keeper_of(memory) as keeper, closing(Interfaces()) as observer:
            keeper.apply_config(before)
            await keeper.converge()
            heard: list[Notice] = []
            await observer.start()
            observer.subscribe(heard.append)
            with _traffic(address) as counted:
                await until_on_loop(partial(_is_more, counted, 50))
                for config in (after, before, after):
                    keeper.apply_config(config)
                    assert await keeper.converge() == ()
                    await until_on_loop(lambda: ip("address show").count(f" {address}/") == 1)
                    enough = counted()[0] + 50
                    await until_on_loop(partial(_is_more, counted, enough))
                assert counted()[1] == 0
                await observer.read()
                assert len(heard) > 1
                begun_at = (socket.if_nametoindex("eth0"), virtual.prefix)
                assert _is_always_somewhere(virtual.address, heard, [begun_at])

    asyncio.run(scene())
    everything = ip("address show")
    assert shown in everything
    assert everything.count(f" {address}/") == 1
    assert len(memory.addresses) == 1


def test_a_label_stays_where_changing_it_would_take_others_of_the_subnet_down(tmp_path: Path) -> None:
    async def scene(keeper: AddressKeeper) -> None:
        keeper.apply_config(config_of(f"{VIP} eth0:1", "192.0.2.11 eth0:3", mask="255.255.255.0"))
        await keeper.converge()
        keeper.apply_config(config_of(f"{VIP} eth0:2", "192.0.2.11 eth0:4", mask="255.255.255.0"))
        assert await keeper.converge() == ()

    run(tmp_path, scene)
    assert "192.0.2.10/24 brd 192.0.2.255 scope global eth0:1" in shown()
    assert "192.0.2.11/24 brd 192.0.2.255 scope global secondary eth0:4" in shown()


def test_an_address_that_moves_stays_where_it_is_until_it_is_up_elsewhere(tmp_path: Path) -> None:
    async def scene(keeper: AddressKeeper) -> None:
        keeper.apply_config(config_of(f"{VIP} eth0:1"))
        await keeper.converge()
        keeper.apply_config(config_of(f"{VIP} bond7:1"))
        (failed,) = await keeper.converge()
        assert "there is no interface 'bond7'" in failed
        assert is_up(VIP)
        ip("link add bond7 type dummy")
        await until_on_loop(lambda: VIP in shown("bond7"))
        assert not is_up(VIP)

    run(tmp_path, scene)
