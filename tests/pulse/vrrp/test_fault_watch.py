"""When a keepalived that says "fault" is believed, and when it is held for stuck."""

from dataclasses import replace
from ipaddress import IPv4Address

from app.host.keepalived import KeepalivedAnswer
from app.host.network.devices import Device
from app.host.network.link import LinkAddress
from app.lvs.pair.vrrp import Vrrp
from app.pulse.vrrp.fault_watch import STUCK_S, FaultWatch
from tests.lvs.pair.virtual_router import PRIMARY

DEVICES = (Device("lo", True, "", (LinkAddress(1, IPv4Address("127.0.0.1"), 8),)),)
FAULT = KeepalivedAnswer(
    is_fault=True,
    is_taking_part=False,
    priority=150,
    adverts_sent=0,
    base_priority=150,
    advert_ms=1000,
    is_preempting=False,
)
WELL = replace(FAULT, is_fault=False)
LOOPBACK = replace(PRIMARY, interface="lo", own=IPv4Address("127.0.0.1"), peer=IPv4Address("127.0.0.2"))


def is_stuck_after(seconds: float, vrrp: Vrrp, answer: KeepalivedAnswer | None = FAULT) -> bool:
    watch = FaultWatch(lambda: DEVICES)
    return watch.is_stuck(vrrp, answer, 100.0) or watch.is_stuck(vrrp, answer, 100.0 + seconds)


def test_a_fault_with_every_interface_up_is_stuck_after_a_time() -> None:
    assert is_stuck_after(STUCK_S, LOOPBACK)
    assert not is_stuck_after(STUCK_S / 2, LOOPBACK)


def test_a_fault_is_believed_while_an_interface_or_the_address_is_missing() -> None:
    assert not is_stuck_after(60, replace(LOOPBACK, interface="gone0"))
    assert not is_stuck_after(60, replace(LOOPBACK, tracked=("gone0",)))
    assert not is_stuck_after(60, replace(LOOPBACK, own=IPv4Address("192.0.2.1")))


def test_one_that_is_well_or_silent_is_not_stuck() -> None:
    assert not is_stuck_after(60, LOOPBACK, WELL)
    assert not is_stuck_after(60, LOOPBACK, None)


def test_a_fault_in_between_begins_the_time_anew() -> None:
    watch = FaultWatch(lambda: DEVICES)
    assert not watch.is_stuck(LOOPBACK, FAULT, 100.0)
    assert not watch.is_stuck(LOOPBACK, WELL, 102.0)
    assert not watch.is_stuck(LOOPBACK, FAULT, 104.0)
    assert watch.is_stuck(LOOPBACK, FAULT, 104.0 + STUCK_S)


def test_an_interface_is_recreated_when_it_has_another_number_however_long_it_was_away() -> None:
    watch = FaultWatch(lambda: DEVICES)
    assert [watch.is_recreated(index) for index in (0, 4, 4, 0, 4, 0, 7, 7)] == [False] * 6 + [True, False]
