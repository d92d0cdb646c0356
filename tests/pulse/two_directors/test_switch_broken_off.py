"""A switch that does not come to its end leaves no router that has given up: it would be nobody's reserve."""

import asyncio
import subprocess
import sys
from ipaddress import ip_address
from pathlib import Path

import pytest

from app.host.keepalived import GIVE_UP, Keepalived
from app.host.network.addresses import Addresses
from app.host.network.interfaces import Interfaces
from app.lvs.pair.membership import Pair, Side
from app.pulse.addresses.keeper import AddressKeeper
from app.pulse.events.log import EventLog
from app.pulse.pair.keeper import PairKeeper
from app.pulse.process.owned import OwnedState
from app.pulse.vrrp.keepalived_supervisor import KeepalivedSupervisor


async def at_once(_: float) -> None:
    pass


def owner(directory: Path) -> PairKeeper:
    """Return a keeper that has the virtual IPs, of a pair whose other router says nothing."""
    memory, events = OwnedState(directory), EventLog()
    keeper = PairKeeper(
        directory, AddressKeeper(Addresses(Interfaces()), memory, events), memory, events, at_once, lambda: None
    )
    keeper.state.membership = Pair(Side.PRIMARY, ip_address("192.0.2.1"), ip_address("192.0.2.2"))
    keeper.events.role = "owner"
    return keeper


def test_a_switch_that_nobody_waits_for_any_more_is_taken_back(tmp_path: Path) -> None:
    async def broken_off() -> list[int]:
        steps = []
        switching = asyncio.create_task(owner(tmp_path).switch({}))
        while Keepalived(tmp_path).step() == 0:
            await asyncio.sleep(0)
        steps.append(Keepalived(tmp_path).step())
        switching.cancel()
        with pytest.raises(asyncio.CancelledError):
            await switching
        return [*steps, Keepalived(tmp_path).step()]

    assert asyncio.run(asyncio.wait_for(broken_off(), 20)) == [GIVE_UP, 0]


@pytest.mark.parametrize(("left", "stays"), [(GIVE_UP, 0), (-60, -60)])
def test_a_pulse_that_takes_up_a_keepalived_ends_the_switch_of_the_one_before(
    tmp_path: Path, left: int, stays: int
) -> None:
    Keepalived(tmp_path).set_step(left)
    configuration = str(tmp_path / "keepalived.conf")
    waits = [sys.executable, "-c", "print(flush=True); input()", "--use-file", configuration]
    with subprocess.Popen(waits, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        # It has begun, so that it is known by its command line.
        assert process.stdout
        assert process.stdout.readline()
        (tmp_path / "keepalived.pid").write_text(f"{process.pid}\n")

        async def taken_up() -> bool:
            engine = KeepalivedSupervisor(Keepalived(tmp_path), lambda: None)
            engine.adopt()
            return engine.is_running

        try:
            assert asyncio.run(taken_up())
        finally:
            process.kill()
    assert Keepalived(tmp_path).step() == stays
