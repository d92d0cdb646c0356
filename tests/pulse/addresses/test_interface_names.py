"""Interfaces are followed by what they are, not by what lvs.cf calls them: other names, and renaming."""

import asyncio
import socket
from pathlib import Path

import pytest

from app.host.network.link import AddressNotice, Notice
from app.pulse.addresses.keeper import AddressKeeper
from app.pulse.events.log import EventLog
from tests.pulse.addresses.veth import VIP, VIP6, config_of, ip, run, shown
from tests.pulse.one_director.announcement_listener import AnnouncementListener
from tests.waiting import until_on_loop

pytestmark = [pytest.mark.kernel, pytest.mark.usefixtures("eth0")]

OTHER = "enp3s0"
BOTH = (f"{VIP} {OTHER}:1", f"{VIP6} {OTHER}")
NOTHING = config_of(extra="announce_every = 0")


def give_other_name() -> None:
    ip(f"link property add dev eth0 altname {OTHER}")


def rename(name: str, new: str) -> None:
    """Rename an interface, which some kernels allow only while it is down."""
    ip(f"link set {name} down")
    ip(f"link set {name} name {new}")
    ip(f"link set {new} up")


def on(device: str) -> set[str]:
    """Return which of the two addresses are on `device`."""
    text = shown(device)
    return {address for address in (VIP, VIP6) if f" {address}/" in text}


def _is_gone(notice: Notice) -> bool:
    return isinstance(notice, AddressNotice) and notice.is_gone


def states(keeper: AddressKeeper) -> set[str]:
    return {report["state"] for report in keeper.reports()}


def test_an_interface_called_by_its_other_name_has_the_addresses_announced_once_and_loses_them_again(
    tmp_path: Path, listener: AnnouncementListener
) -> None:
    give_other_name()

    async def scene(keeper: AddressKeeper) -> None:
        keeper.apply_config(config_of(*BOTH, extra="announce_again = 0"))
        for _ in range(3):
            assert await keeper.converge() == ()
        assert on("eth0") == {VIP, VIP6}
        assert "eth0:1" in shown()
        assert [report["device"] for report in keeper.reports()] == [f"{OTHER}:1", OTHER]
        assert states(keeper) == {"up"}
        assert [str(virtual) for virtual in keeper.wanted] == [f"{VIP}/32 on eth0:1", f"{VIP6}/128 on eth0"]
        await until_on_loop(lambda: listener.has_heard(5, VIP, VIP6))
        listener.forget()
        for _ in range(15):
            await keeper.converge()
            await asyncio.sleep(0.1)
        assert not listener.has_heard(1, VIP)
        keeper.apply_config(NOTHING)
        await keeper.converge()
        assert on("eth0") == set()

    run(tmp_path, scene)


def test_the_name_and_the_other_name_are_the_same_interface_and_a_change_between_them_moves_nothing(
    tmp_path: Path,
) -> None:
    give_other_name()

    async def scene(keeper: AddressKeeper) -> None:
        keeper.apply_config(config_of(f"{VIP} eth0:1", f"{VIP6} eth0"))
        await keeper.converge()
        gone: list[Notice] = []
        keeper.interfaces.subscribe(lambda notice: gone.append(notice) if _is_gone(notice) else None)
        keeper.apply_config(config_of(*BOTH))
        assert await keeper.converge() == ()
        await keeper.interfaces.read()
        assert gone == []
        assert states(keeper) == {"up"}

    run(tmp_path, scene)


def test_an_address_recorded_under_another_name_by_an_earlier_version_is_taken_down(tmp_path: Path) -> None:
    give_other_name()
    ip(f"address add {VIP}/32 dev eth0 label eth0:1")
    (tmp_path / "owned.json").write_text(f'{{"services": [], "addresses": [["{VIP}", 32, "{OTHER}:1"]]}}')

    async def scene(keeper: AddressKeeper) -> None:
        keeper.apply_config(NOTHING)
        await keeper.converge()
        assert on("eth0") == set()

    run(tmp_path, scene)


def test_an_other_name_given_later_is_found(tmp_path: Path) -> None:
    async def scene(keeper: AddressKeeper) -> None:
        keeper.apply_config(config_of(*BOTH))
        assert "there is no interface 'enp3s0' on this machine. It has: eth0, eth1, " in " ".join(
            await keeper.converge()
        )
        give_other_name()
        await until_on_loop(lambda: on("eth0") == {VIP, VIP6} and states(keeper) == {"up"})

    run(tmp_path, scene)


def test_an_interface_renamed_while_it_runs_keeps_its_addresses_and_that_is_told(tmp_path: Path) -> None:
    events = EventLog()

    async def scene(keeper: AddressKeeper) -> None:
        keeper.apply_config(config_of(f"{VIP} eth0:1", f"{VIP6} eth0"))
        await keeper.converge()
        rename("eth0", "lan0")
        await until_on_loop(lambda: on("lan0") == {VIP, VIP6} and states(keeper) == {"up"})
        assert "lan0:1" in shown("lan0")
        assert "interface eth0 is now called lan0" in keeper.reports()[0]["message"]
        assert keeper.reports()[0]["device"] == "eth0:1"

    run(tmp_path, scene, events)
    told = [event["reason"] for event in events.events() if "is now called" in event["reason"]]
    assert told == ["interface eth0 is now called lan0: its virtual IPs stay on it. Write lan0 in lvs.cf."]

    async def next_run(keeper: AddressKeeper) -> None:
        keeper.apply_config(config_of(f"{VIP} eth0:1"))
        await keeper.converge()
        assert on("lan0") == {VIP}
        rename("lan0", "wan0")
        keeper.apply_config(NOTHING)
        await keeper.converge()
        assert on("wan0") == set()

    run(tmp_path, next_run)


def test_an_interface_renamed_while_nothing_runs_loses_what_is_no_longer_wanted(tmp_path: Path) -> None:
    async def first(keeper: AddressKeeper) -> None:
        keeper.apply_config(config_of(f"{VIP} eth0:1", f"{VIP6} eth0"))
        await keeper.converge()

    async def second(keeper: AddressKeeper) -> None:
        keeper.apply_config(NOTHING)
        await keeper.converge()
        assert on("lan0") == set()

    run(tmp_path, first)
    rename("eth0", "lan0")
    run(tmp_path, second)


def test_two_interfaces_that_exchange_their_names_have_the_addresses_where_the_configuration_says(
    tmp_path: Path,
) -> None:
    async def scene(keeper: AddressKeeper) -> None:
        keeper.apply_config(config_of(f"{VIP} eth0:1"))
        await keeper.converge()
        index = socket.if_nametoindex("eth0")
        rename("eth0", "other")
        rename("eth1", "eth0")
        rename("other", "eth1")
        assert socket.if_nametoindex("eth1") == index
        await until_on_loop(lambda: on("eth0") == {VIP} and on("eth1") == set())

    run(tmp_path, scene)


def test_an_interface_that_comes_back_under_another_name_is_not_the_one_that_went(tmp_path: Path) -> None:
    async def scene(keeper: AddressKeeper) -> None:
        keeper.apply_config(config_of(f"{VIP} eth0:1"))
        await keeper.converge()
        ip("link del eth0")
        await until_on_loop(lambda: states(keeper) == {"failed"})
        ip("link add lan0 type veth peer name eth1")
        ip("link set lan0 up")
        ip("link set eth1 up")
        reason = " ".join(await keeper.converge())
        assert "there is no interface 'eth0' on this machine. It has: eth1, " in reason
        ip("link property add dev lan0 altname eth0")
        await until_on_loop(lambda: on("lan0") == {VIP} and states(keeper) == {"up"})

    run(tmp_path, scene)
