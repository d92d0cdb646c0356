"""Against the real kernel, on a veth pair in a network namespace of its own; its other end hears announcements."""

import asyncio
from pathlib import Path

import pytest

from app.host.network.addresses import Addresses
from app.lvs.desired.addresses import VirtualAddress
from app.pulse.addresses.keeper import AddressKeeper
from app.pulse.events.log import EventLog
from app.pulse.process.owned import OwnedState
from tests.pulse.addresses.veth import (
    BOTH,
    VIP,
    VIP6,
    config_of,
    ip,
    is_up,
    keeper_of,
    plug_in,
    run,
    shown,
)
from tests.pulse.one_director.announcement_listener import AnnouncementListener
from tests.waiting import until_on_loop

pytestmark = [pytest.mark.kernel, pytest.mark.usefixtures("eth0")]


def test_an_interface_that_went_and_came_back_has_its_addresses_at_once_and_announces_them(
    tmp_path: Path, listener: AnnouncementListener
) -> None:
    events = EventLog()

    async def scene(keeper: AddressKeeper) -> None:
        keeper.apply_config(config_of(*BOTH))
        assert await keeper.converge() == ()
        await until_on_loop(lambda: listener.has_heard(1, VIP, VIP6))
        ip("link del eth0")
        # Nobody asks it to look: it hears.
        await until_on_loop(lambda: {report["state"] for report in keeper.reports()} == {"failed"})
        listener.forget()
        plug_in()
        await until_on_loop(lambda: is_up(VIP, VIP6))
        await until_on_loop(lambda: listener.has_heard(1, VIP, VIP6))
        assert {report["state"] for report in keeper.reports()} == {"up"}

    run(tmp_path, scene, events)
    reasons = [event["reason"] for event in events.events() if event["kind"] == "address"]
    assert reasons[0] == "interface eth0 does not exist; 2 virtual IPs affected"
    assert reasons[-1] == "interface eth0 has a link again; 2 virtual IPs announced again"


def test_a_cable_plugged_in_again_is_announced_on_and_so_is_another_hardware_address(
    tmp_path: Path, listener: AnnouncementListener
) -> None:
    async def scene(keeper: AddressKeeper) -> None:
        keeper.apply_config(config_of(*BOTH, extra="announce_again = 0"))
        await keeper.converge()
        await until_on_loop(lambda: listener.has_heard(5, VIP, VIP6))
        listener.forget()
        ip("link set eth1 down")
        ip("link set eth1 up")
        await until_on_loop(lambda: listener.has_heard(5, VIP, VIP6))
        listener.forget()
        ip("link set eth0 address 02:00:00:00:00:77")
        await until_on_loop(lambda: listener.has_heard(5, VIP, VIP6))

    run(tmp_path, scene)


def test_ipv6_addresses_lost_with_the_interface_switched_off_come_back_with_it(tmp_path: Path) -> None:
    async def scene(keeper: AddressKeeper) -> None:
        keeper.apply_config(config_of(*BOTH))
        await keeper.converge()
        ip("link set eth0 down")
        ip("link set eth0 up")
        await until_on_loop(lambda: is_up(VIP, VIP6) and "tentative" not in shown().split(VIP6)[1].splitlines()[0])

    run(tmp_path, scene)


def test_announcements_follow_the_configuration(tmp_path: Path, listener: AnnouncementListener) -> None:
    async def scene(keeper: AddressKeeper) -> None:
        keeper.apply_config(config_of(*BOTH, extra="announce_again = 6\nannounce_every = 0"))
        await keeper.converge()
        await until_on_loop(lambda: listener.has_heard(6, VIP, VIP6))
        keeper.apply_config(config_of(*BOTH, extra="announce_every = 1"))
        await keeper.converge()
        listener.forget()
        await until_on_loop(lambda: listener.has_heard(3, VIP, VIP6))

    run(tmp_path, scene)


def test_an_address_taken_away_by_somebody_else_is_back_without_waiting_for_a_look(tmp_path: Path) -> None:
    async def scene(keeper: AddressKeeper) -> None:
        keeper.apply_config(config_of(*BOTH))
        await keeper.converge()
        for text in (f"{VIP}/32", f"{VIP6}/128"):
            ip(f"address del {text} dev eth0")
            await until_on_loop(lambda: is_up(VIP, VIP6))

    run(tmp_path, scene)


def test_what_a_predecessor_left_is_taken_over_announced_and_taken_down_when_it_is_to_go(
    tmp_path: Path, listener: AnnouncementListener
) -> None:
    async def die(keeper: AddressKeeper) -> None:
        keeper.apply_config(config_of(*BOTH))
        await keeper.converge()

    async def succeed(keeper: AddressKeeper) -> None:
        keeper.apply_config(config_of(BOTH[0]))
        await keeper.converge()
        assert is_up(VIP)
        assert not is_up(VIP6)
        await until_on_loop(lambda: listener.has_heard(1, VIP))
        await keeper.withdraw()
        assert not is_up(VIP)

    run(tmp_path, die)
    assert is_up(VIP, VIP6)
    listener.forget()
    run(tmp_path, succeed)


class _Crash(BaseException):
    """The end of a process, without a chance to clean up."""


class _CrashingAddresses(Addresses):
    async def replace(self, old: VirtualAddress, new: VirtualAddress) -> bool:
        ip(f"address add {new.address}/32 dev lo")
        ip(f"address del {old.address}/{old.prefix} dev {old.interface}")
        raise _Crash


def test_a_crash_in_the_middle_of_a_change_leaves_nothing_on_the_loopback(tmp_path: Path) -> None:
    async def die() -> None:
        with keeper_of(OwnedState(tmp_path), kind=_CrashingAddresses) as keeper:
            keeper.apply_config(config_of(f"{VIP} eth0:1"))
            await keeper.converge()
            keeper.apply_config(config_of(f"{VIP} eth0:2"))
            await keeper.converge()

    async def succeed(keeper: AddressKeeper) -> None:
        keeper.apply_config(config_of(f"{VIP} eth0:2"))
        await keeper.converge()

    with pytest.raises(_Crash):
        asyncio.run(die())
    assert VIP in shown("lo")
    run(tmp_path, succeed)
    assert VIP not in shown("lo")
    assert "scope global eth0:2" in shown()


def test_nothing_foreign_is_taken_down_or_relabelled(tmp_path: Path) -> None:
    foreign = ("192.0.2.1/24", "2001:db8::1/64", f"{VIP}/32", f"{VIP6}/128")
    for text in foreign:
        ip(f"address add {text} dev eth0 {'nodad' if ':' in text else ''}")
    ip("address add 192.0.2.99/24 dev eth0 label eth0:9")

    async def scene(keeper: AddressKeeper) -> None:
        keeper.apply_config(config_of(*BOTH, "192.0.2.11 eth0:3"))
        await keeper.converge()
        assert is_up("192.0.2.11")
        await keeper.withdraw()
        assert not is_up("192.0.2.11")

    run(tmp_path, scene)
    listed = shown()
    assert all(f" {text} " in listed for text in foreign)
    assert f"{VIP}/32 scope global eth0\n" in listed
    assert "192.0.2.99/24" in listed


def test_an_address_whose_interface_has_no_link_is_not_shown_as_up(tmp_path: Path) -> None:
    def states(keeper: AddressKeeper) -> set[tuple[str, str]]:
        return {(report["state"], report["message"]) for report in keeper.reports()}

    async def scene(keeper: AddressKeeper) -> None:
        keeper.apply_config(config_of(*BOTH))
        await until_on_loop(lambda: states(keeper) == {("unknown", "not tried yet")})
        await keeper.converge()
        assert states(keeper) == {("up", "")}
        ip("link set eth1 down")
        unplugged = {("unplugged", "interface eth0 has no link, so no client reaches it")}
        await until_on_loop(lambda: states(keeper) == unplugged)
        ip("link set eth1 up")
        await until_on_loop(lambda: states(keeper) == {("up", "")})

    run(tmp_path, scene)


def test_a_thousand_addresses_come_and_go_and_the_loop_goes_on_meanwhile(tmp_path: Path) -> None:
    config = config_of(*(f"10.{number // 250}.{number % 250}.1 eth0" for number in range(1000)))

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
        assert shown().count("inet 10.") == 1000
        await keeper.withdraw()
        assert shown().count("inet 10.") == 0
        turning.cancel()

    run(tmp_path, scene)
