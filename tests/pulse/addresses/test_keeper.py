"""Against the real kernel, on a veth pair in a network namespace of its own; its other end hears announcements."""

import asyncio
import socket
import subprocess
import threading
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

import pytest

from app.host.network.addresses import Addresses
from app.host.network.interfaces import Interfaces
from app.host.network.link import AddressNotice, Notice
from app.lvs.desired.addresses import VirtualAddress, virtual_addresses
from app.lvs.grammar.reader import parse
from app.lvs.model.config import Config
from app.lvs.model.values import Address
from app.pulse.addresses.keeper import AddressKeeper
from app.pulse.events.log import EventLog
from app.pulse.process.owned import OwnedState
from tests.host.namespace import own_network
from tests.pulse.one_director.announcement_listener import AnnouncementListener
from tests.waiting import LIMIT_S

pytestmark = pytest.mark.kernel

_VIP, _VIP6 = "192.0.2.10", "2001:db8::10"


@pytest.fixture(autouse=True)
def _eth0() -> Iterator[None]:
    with own_network():
        _plug_in()
        yield


def _plug_in() -> None:
    _ip("link add eth0 type veth peer name eth1")
    _ip("link set eth0 up")
    _ip("link set eth1 up")


def _ip(words: str) -> str:
    return subprocess.run(["ip", *words.split()], check=True, capture_output=True, text=True).stdout


def _config(*devices: str, extra: str = "", mask: str = "", mask6: str = "") -> Config:
    """Return a configuration with a service at each of `devices`: "ADDRESS DEVICE"."""
    lines = ["serial_no = 1", "service = lvs", extra]
    for number, device in enumerate(devices):
        lines += [f"virtual V{number} {{", " active = 1", f" address = {device}", f" port = {80 + number}"]
        if netmask := mask6 if ":" in device.split()[0] else mask:
            lines.append(f" vip_nmask = {netmask}")
        lines.append("}")
    reading = parse("\n".join([*lines, ""]).encode())
    assert reading.config is not None, reading
    assert not [problem for problem in reading.problems if problem.severity.value == "error"], reading.problems
    return reading.config


_BOTH = (f"{_VIP} eth0:1", f"{_VIP6} eth0")


@pytest.fixture
def listener() -> Iterator[AnnouncementListener]:
    found = AnnouncementListener()
    yield found
    found.close()


@contextmanager
def _keeper(
    memory: OwnedState, events: EventLog | None = None, kind: type[Addresses] = Addresses
) -> Iterator[AddressKeeper]:
    with AddressKeeper(kind(Interfaces()), memory, events or EventLog()) as keeper:
        yield keeper


def _run(
    directory: Path, scene: Callable[[AddressKeeper], Awaitable[None]], events: EventLog | None = None
) -> None:
    async def play() -> None:
        with _keeper(OwnedState(directory), events) as keeper:
            await scene(keeper)

    asyncio.run(play())


async def _until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + LIMIT_S
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        await asyncio.sleep(0.02)


def _shown(device: str = "eth0") -> str:
    return _ip(f"address show dev {device}")


def _is_up(*addresses: str) -> bool:
    return subprocess.run(
        ["ip", "link", "show", "eth0"], capture_output=True, check=False
    ).returncode == 0 and all(f" {text}/" in _shown() for text in addresses)


def test_an_interface_that_went_and_came_back_has_its_addresses_at_once_and_announces_them(
    tmp_path: Path, listener: AnnouncementListener
) -> None:
    events = EventLog()

    async def scene(keeper: AddressKeeper) -> None:
        keeper.apply_config(_config(*_BOTH))
        assert await keeper.converge() == ()
        await _until(lambda: listener.has_heard(1, _VIP, _VIP6))
        _ip("link del eth0")
        # Nobody asks it to look: it hears.
        await _until(lambda: {report["state"] for report in keeper.reports()} == {"failed"})
        listener.forget()
        _plug_in()
        await _until(lambda: _is_up(_VIP, _VIP6))
        await _until(lambda: listener.has_heard(1, _VIP, _VIP6))
        assert {report["state"] for report in keeper.reports()} == {"up"}

    _run(tmp_path, scene, events)
    reasons = [event["reason"] for event in events.events() if event["kind"] == "address"]
    assert reasons[0] == "interface eth0 does not exist; 2 virtual IPs affected"
    assert reasons[-1] == "interface eth0 has a link again; 2 virtual IPs announced again"


def test_a_cable_plugged_in_again_is_announced_on_and_so_is_another_hardware_address(
    tmp_path: Path, listener: AnnouncementListener
) -> None:
    async def scene(keeper: AddressKeeper) -> None:
        keeper.apply_config(_config(*_BOTH, extra="announce_again = 0"))
        await keeper.converge()
        await _until(lambda: listener.has_heard(5, _VIP, _VIP6))
        listener.forget()
        _ip("link set eth1 down")
        _ip("link set eth1 up")
        await _until(lambda: listener.has_heard(5, _VIP, _VIP6))
        listener.forget()
        _ip("link set eth0 address 02:00:00:00:00:77")
        await _until(lambda: listener.has_heard(5, _VIP, _VIP6))

    _run(tmp_path, scene)


def test_ipv6_addresses_lost_with_the_interface_switched_off_come_back_with_it(tmp_path: Path) -> None:
    async def scene(keeper: AddressKeeper) -> None:
        keeper.apply_config(_config(*_BOTH))
        await keeper.converge()
        _ip("link set eth0 down")
        _ip("link set eth0 up")
        await _until(lambda: _is_up(_VIP, _VIP6) and "tentative" not in _shown().split(_VIP6)[1].splitlines()[0])

    _run(tmp_path, scene)


def test_announcements_follow_the_configuration(tmp_path: Path, listener: AnnouncementListener) -> None:
    async def scene(keeper: AddressKeeper) -> None:
        keeper.apply_config(_config(*_BOTH, extra="announce_again = 6\nannounce_every = 0"))
        await keeper.converge()
        await _until(lambda: listener.has_heard(6, _VIP, _VIP6))
        keeper.apply_config(_config(*_BOTH, extra="announce_every = 1"))
        await keeper.converge()
        listener.forget()
        await _until(lambda: listener.has_heard(3, _VIP, _VIP6))

    _run(tmp_path, scene)


def test_an_address_taken_away_by_somebody_else_is_back_without_waiting_for_a_look(tmp_path: Path) -> None:
    async def scene(keeper: AddressKeeper) -> None:
        keeper.apply_config(_config(*_BOTH))
        await keeper.converge()
        for text in (f"{_VIP}/32", f"{_VIP6}/128"):
            _ip(f"address del {text} dev eth0")
            await _until(lambda: _is_up(_VIP, _VIP6))

    _run(tmp_path, scene)


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
            _config(f"{_VIP} eth0:1"),
            _config(f"{_VIP} eth0:1", mask="255.255.255.0"),
            "inet 192.0.2.10/24 brd 192.0.2.255 scope global eth0:1",
            id="mask",
        ),
        pytest.param(
            _config(f"{_VIP} eth0:1"),
            _config(f"{_VIP} eth0:2"),
            "inet 192.0.2.10/32 scope global eth0:2",
            id="label",
        ),
        pytest.param(
            _config(f"{_VIP6} eth0"), _config(f"{_VIP6} eth0", mask6="/64"), "inet6 2001:db8::10/64", id="prefix"
        ),
        pytest.param(_config(f"{_VIP} eth0:1"), _config(f"{_VIP} eth1:1"), "scope global eth1:1", id="device"),
        pytest.param(_config(f"{_VIP6} eth0"), _config(f"{_VIP6} eth1"), "2001:db8::10/128", id="device6"),
    ],
)
def test_a_changed_address_is_there_all_the_while(
    tmp_path: Path, before: Config, after: Config, shown: str
) -> None:
    (virtual,) = virtual_addresses(before)
    address = str(virtual.address)
    memory = OwnedState(tmp_path)

    async def scene() -> None:
        with _keeper(memory) as keeper, closing(Interfaces()) as observer:
            keeper.apply_config(before)
            await keeper.converge()
            heard: list[Notice] = []
            await observer.start()
            observer.subscribe(heard.append)
            with _traffic(address) as counted:
                await _until(partial(_is_more, counted, 50))
                for config in (after, before, after):
                    keeper.apply_config(config)
                    assert await keeper.converge() == ()
                    await _until(lambda: _ip("address show").count(f" {address}/") == 1)
                    enough = counted()[0] + 50
                    await _until(partial(_is_more, counted, enough))
                assert counted()[1] == 0
                await observer.read()
                assert len(heard) > 1
                begun_at = (socket.if_nametoindex("eth0"), virtual.prefix)
                assert _is_always_somewhere(virtual.address, heard, [begun_at])

    asyncio.run(scene())
    everything = _ip("address show")
    assert shown in everything
    assert everything.count(f" {address}/") == 1
    assert len(memory.addresses) == 1


def test_a_label_stays_where_changing_it_would_take_others_of_the_subnet_down(tmp_path: Path) -> None:
    async def scene(keeper: AddressKeeper) -> None:
        keeper.apply_config(_config(f"{_VIP} eth0:1", "192.0.2.11 eth0:3", mask="255.255.255.0"))
        await keeper.converge()
        keeper.apply_config(_config(f"{_VIP} eth0:2", "192.0.2.11 eth0:4", mask="255.255.255.0"))
        assert await keeper.converge() == ()

    _run(tmp_path, scene)
    assert "192.0.2.10/24 brd 192.0.2.255 scope global eth0:1" in _shown()
    assert "192.0.2.11/24 brd 192.0.2.255 scope global secondary eth0:4" in _shown()


def test_an_address_that_moves_stays_where_it_is_until_it_is_up_elsewhere(tmp_path: Path) -> None:
    async def scene(keeper: AddressKeeper) -> None:
        keeper.apply_config(_config(f"{_VIP} eth0:1"))
        await keeper.converge()
        keeper.apply_config(_config(f"{_VIP} bond7:1"))
        (failed,) = await keeper.converge()
        assert "there is no interface 'bond7'" in failed
        assert _is_up(_VIP)
        _ip("link add bond7 type dummy")
        await _until(lambda: _VIP in _shown("bond7"))
        assert not _is_up(_VIP)

    _run(tmp_path, scene)


def test_what_a_predecessor_left_is_taken_over_announced_and_taken_down_when_it_is_to_go(
    tmp_path: Path, listener: AnnouncementListener
) -> None:
    async def die(keeper: AddressKeeper) -> None:
        keeper.apply_config(_config(*_BOTH))
        await keeper.converge()

    async def succeed(keeper: AddressKeeper) -> None:
        keeper.apply_config(_config(_BOTH[0]))
        await keeper.converge()
        assert _is_up(_VIP)
        assert not _is_up(_VIP6)
        await _until(lambda: listener.has_heard(1, _VIP))
        await keeper.withdraw()
        assert not _is_up(_VIP)

    _run(tmp_path, die)
    assert _is_up(_VIP, _VIP6)
    listener.forget()
    _run(tmp_path, succeed)


class _Crash(BaseException):
    """The end of a process, without a chance to clean up."""


class _CrashingAddresses(Addresses):
    async def replace(self, old: VirtualAddress, new: VirtualAddress) -> bool:
        _ip(f"address add {new.address}/32 dev lo")
        _ip(f"address del {old.address}/{old.prefix} dev {old.interface}")
        raise _Crash


def test_a_crash_in_the_middle_of_a_change_leaves_nothing_on_the_loopback(tmp_path: Path) -> None:
    async def die() -> None:
        with _keeper(OwnedState(tmp_path), kind=_CrashingAddresses) as keeper:
            keeper.apply_config(_config(f"{_VIP} eth0:1"))
            await keeper.converge()
            keeper.apply_config(_config(f"{_VIP} eth0:2"))
            await keeper.converge()

    async def succeed(keeper: AddressKeeper) -> None:
        keeper.apply_config(_config(f"{_VIP} eth0:2"))
        await keeper.converge()

    with pytest.raises(_Crash):
        asyncio.run(die())
    assert _VIP in _shown("lo")
    _run(tmp_path, succeed)
    assert _VIP not in _shown("lo")
    assert "scope global eth0:2" in _shown()


def test_nothing_foreign_is_taken_down_or_relabelled(tmp_path: Path) -> None:
    foreign = ("192.0.2.1/24", "2001:db8::1/64", f"{_VIP}/32", f"{_VIP6}/128")
    for text in foreign:
        _ip(f"address add {text} dev eth0 {'nodad' if ':' in text else ''}")
    _ip("address add 192.0.2.99/24 dev eth0 label eth0:9")

    async def scene(keeper: AddressKeeper) -> None:
        keeper.apply_config(_config(*_BOTH, "192.0.2.11 eth0:3"))
        await keeper.converge()
        assert _is_up("192.0.2.11")
        await keeper.withdraw()
        assert not _is_up("192.0.2.11")

    _run(tmp_path, scene)
    shown = _shown()
    assert all(f" {text} " in shown for text in foreign)
    assert f"{_VIP}/32 scope global eth0\n" in shown
    assert "192.0.2.99/24" in shown


def test_a_thousand_addresses_come_and_go_and_the_loop_goes_on_meanwhile(tmp_path: Path) -> None:
    config = _config(*(f"10.{number // 250}.{number % 250}.1 eth0" for number in range(1000)))

    async def scene(keeper: AddressKeeper) -> None:
        turns = 0

        async def turn() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        turning = asyncio.create_task(turn())
        keeper.apply_config(config)
        assert await keeper.converge() == ()
        assert {report["state"] for report in keeper.reports()} == {"up"}
        assert turns > 1
        assert _shown().count("inet 10.") == 1000
        await keeper.withdraw()
        assert _shown().count("inet 10.") == 0
        turning.cancel()

    _run(tmp_path, scene)
