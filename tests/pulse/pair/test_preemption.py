"""A primary that is back waits for the connections of the other router, and not for ever; a switch looks first."""

import asyncio
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path

import pytest

from app.host.keepalived import GIVE_UP, Keepalived
from app.lvs.model.config import Config
from app.lvs.pair.membership import Pair, Side
from app.lvs.pair.vrrp import PRIORITIES, STEPPED_BACK, WAITING_STEP
from app.lvs.reports.partner import PartnerSummary
from app.pulse.events.log import EventLog
from app.pulse.pair import switchover
from app.pulse.pair.preemption import PreemptDelay
from app.pulse.pair.switchover import Switchover
from app.pulse.vrrp.adverts import AdvertListener
from app.pulse.vrrp.events import PairEvents
from app.pulse.vrrp.keepalived_supervisor import KeepalivedSupervisor
from app.pulse.vrrp.partner_status import ReportedPartner
from tests.lvs.pair.ready_partner import READY

WAITS = Config(preempt=True, preempt_in_step=True, syncdaemon=True)
PRIMARY = Pair(Side.PRIMARY, ip_address("10.0.0.2"), ip_address("10.0.0.3"))
BACKUP = Pair(Side.BACKUP, ip_address("10.0.0.3"), ip_address("10.0.0.2"))
OWNER: PartnerSummary = {**READY, "role": "owner", "connections": 1300}


class Router:
    """A primary that stands by, with so many connections; its engine's step is what keepalived is told."""

    def __init__(self, directory: Path) -> None:
        self.engine = KeepalivedSupervisor(Keepalived(directory), lambda: None)
        self.said, self.events, self.knows = ReportedPartner(), EventLog(), 0
        tell = PairEvents(self.events)
        self.take_back = PreemptDelay(self.engine, self.said, tell, lambda: self.knows)
        self.watch = AdvertListener(lambda: None)
        self.switching = Switchover(self.engine, self.watch, self.said, tell, lambda: self.knows)

    def told(self) -> list[str]:
        return [event["reason"] for event in self.events.events()]


@pytest.fixture
def router(tmp_path: Path) -> Router:
    return Router(tmp_path)


def test_one_that_waits_is_below_the_other_router_and_above_one_that_gave_way() -> None:
    assert STEPPED_BACK[Side.PRIMARY] < PRIORITIES[Side.PRIMARY] + WAITING_STEP < PRIORITIES[Side.BACKUP]


def test_only_a_primary_waits_that_takes_back_and_has_a_sync_daemon(router: Router) -> None:
    first = router.take_back.first_step
    assert first(WAITS, PRIMARY) == WAITING_STEP
    assert first(WAITS, BACKUP) == 0
    assert first(replace(WAITS, preempt=False), PRIMARY) == 0
    assert first(replace(WAITS, preempt_in_step=False), PRIMARY) == 0
    assert first(replace(WAITS, syncdaemon=False), PRIMARY) == 0


def test_it_waits_until_it_knows_the_connections_and_says_how_far_it_is(router: Router) -> None:
    async def looked() -> None:
        router.engine.set_step(WAITING_STEP)
        router.said.receive(OWNER)
        router.knows = 1100
        router.take_back.advance(WAITS, PRIMARY, "standby")
        report = router.take_back.report()
        assert report is not None
        assert (report["ours"], report["theirs"], round(report["left_s"])) == (1100, 1300, 300)
        assert router.engine.step() == WAITING_STEP
        router.knows = 1200
        router.take_back.advance(WAITS, PRIMARY, "standby")
        assert router.take_back.report() is None

    asyncio.run(looked())
    assert router.engine.step() == 0
    assert router.told() == ["this router preempts: it knows 1,200 of 1,300 connections"]


def test_it_waits_no_longer_than_is_set_even_if_nothing_is_known(router: Router) -> None:
    async def looked() -> None:
        router.engine.set_step(WAITING_STEP)
        router.take_back.advance(WAITS, PRIMARY, "standby")
        assert router.engine.step() == WAITING_STEP
        router.take_back.advance(WAITS, PRIMARY, "owner")
        router.take_back.advance(replace(WAITS, preempt_in_step_within=0), PRIMARY, "standby")

    asyncio.run(looked())
    assert router.engine.step() == 0
    assert "without waiting any longer: an unknown number of connections" in router.told()[0]


def test_one_that_was_switched_away_by_somebody_does_not_take_back(router: Router) -> None:
    async def looked() -> None:
        router.engine.set_step(WAITING_STEP - 1)
        router.said.receive({**OWNER, "connections": 0})
        router.take_back.advance(WAITS, PRIMARY, "standby")

    asyncio.run(looked())
    assert router.engine.step() == WAITING_STEP - 1


def test_a_switch_to_a_partner_that_would_leave_nobody_is_refused(
    router: Router, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(switchover, "READY_WITHIN_S", 0.05)

    async def asked() -> list[str]:
        router.said.receive({**READY, "applied": None})
        return [obstacle.text for obstacle in await router.switching.make_ready("10.0.0.3", syncs=False)]

    found = asyncio.run(asyncio.wait_for(asked(), 20))
    assert "does not answer" in found[0]
    assert router.engine.step() == 0


def test_a_switch_waits_for_a_partner_that_becomes_ready(router: Router) -> None:
    async def asked() -> list[str]:
        router.knows = 100
        router.said.receive({**READY, "connections": 12})
        asking = asyncio.create_task(router.switching.make_ready("10.0.0.3", syncs=True))
        await asyncio.sleep(0)
        assert not asking.done()
        router.said.receive(READY)
        return [obstacle.text for obstacle in await asking]

    assert asyncio.run(asyncio.wait_for(asked(), 20)) == []


def test_routers_that_are_not_linked_switch_without_a_look(router: Router) -> None:
    assert asyncio.run(router.switching.make_ready("10.0.0.3", syncs=True)) == []
    assert router.switching.report("10.0.0.3", syncs=True)["is_checked"] is False


def test_a_partner_that_does_not_take_over_leaves_a_router_that_has_not_given_up(router: Router) -> None:
    steps: list[int] = []

    async def moved() -> bool:
        moving = asyncio.create_task(router.switching.move("10.0.0.3", 0.0, -60))
        await asyncio.sleep(0)
        steps.append(router.engine.step())
        return (await moving)["has_moved"]

    assert not asyncio.run(asyncio.wait_for(moved(), 20))
    assert [*steps, router.engine.step()] == [GIVE_UP, 0]
    assert "did not take the virtual IPs" in router.told()[0]
