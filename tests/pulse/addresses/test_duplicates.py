"""What is known of other machines' addresses, in a time of its own and on a segment that is a dictionary."""

import asyncio
from collections.abc import Collection
from ipaddress import ip_address

from app.host.network.link import Link
from app.host.packets.neighbour_probe import ProbeFailed
from app.lvs.desired.addresses import VirtualAddress
from app.lvs.model.values import Address
from app.pulse.addresses.duplicates import Duplicates
from tests.pulse.virtual_time import run_virtually

_VIP = VirtualAddress(ip_address("192.0.2.10"), 24, "eth0:1")
_OTHER = VirtualAddress(ip_address("2001:db8::10"), 64, "eth0")
_LINKS = {"eth0": Link(2, "eth0", True, "02:00:00:00:00:01")}
_STRANGER = "02:00:00:00:00:99"


class _Segment:
    """Answers a second after it was asked; `owners` are those who do."""

    def __init__(self, owners: dict[Address, str]) -> None:
        self.owners = owners
        self.trouble = ""
        self.troubled: set[int] = set()
        self.questions: list[tuple[str, set[Address], Collection[bytes]]] = []
        self.answers = 0
        self.duplicates = Duplicates(self._answered, self._ask)

    async def _ask(
        self, interface: str, addresses: Collection[Address], own: Collection[bytes]
    ) -> dict[Address, str]:
        self.questions.append((interface, set(addresses), own))
        if self.trouble:
            raise ProbeFailed(self.trouble)
        if self.troubled & {address.version for address in addresses}:
            raise ProbeFailed("the other family cannot be probed")
        await asyncio.sleep(1)
        return {address: owner for address, owner in self.owners.items() if address in addresses}

    def _answered(self) -> None:
        self.answers += 1


def test_an_address_is_cleared_when_nobody_answers_and_not_before() -> None:
    async def scene() -> None:
        segment = _Segment({})
        duplicates = segment.duplicates
        assert duplicates.cleared([_VIP, _OTHER], _LINKS) == []
        assert duplicates.is_asking(_VIP)
        assert duplicates.cleared([_VIP, _OTHER], _LINKS) == []
        await asyncio.sleep(2)
        assert segment.answers == 2
        own = {b"\2\0\0\0\0\1"}
        assert segment.questions == [("eth0", {_VIP.address}, own), ("eth0", {_OTHER.address}, own)]
        assert duplicates.cleared([_VIP, _OTHER], _LINKS) == [_VIP, _OTHER]
        assert duplicates.refusal(_VIP) is None

    run_virtually(scene())


def test_a_family_that_cannot_be_probed_keeps_no_address_of_the_other_down() -> None:
    async def scene() -> None:
        segment = _Segment({})
        segment.troubled = {6}
        duplicates = segment.duplicates
        assert duplicates.cleared([_OTHER, _VIP], _LINKS) == []
        await asyncio.sleep(2)
        assert duplicates.cleared([_OTHER, _VIP], _LINKS) == [_VIP]
        refusal = duplicates.refusal(_OTHER)
        assert refusal is not None
        assert "cannot be probed" in refusal.reason

    run_virtually(scene())


def test_an_address_another_machine_has_is_refused_alone_and_asked_for_again_after_half_a_minute() -> None:
    async def scene() -> None:
        segment = _Segment({_VIP.address: _STRANGER})
        duplicates = segment.duplicates
        for _ in range(20):
            cleared = duplicates.cleared([_VIP, _OTHER], _LINKS)
            await asyncio.sleep(1.1)
        assert cleared == [_OTHER]
        refusal = duplicates.refusal(_VIP)
        assert refusal is not None
        assert refusal.hardware == _STRANGER
        assert "another machine, 02:00:00:00:00:99, answers for it" in refusal.reason
        assert sum(_VIP.address in asked for _, asked, _ in segment.questions) == 1
        segment.owners.clear()
        for _ in range(20):
            cleared = duplicates.cleared([_VIP], _LINKS)
            if cleared:
                break
            assert duplicates.refusal(_VIP) == refusal
            await asyncio.sleep(1.1)
        assert cleared == [_VIP]

    run_virtually(scene())


def test_a_new_configuration_asks_at_once() -> None:
    async def scene() -> None:
        segment = _Segment({_VIP.address: _STRANGER})
        segment.duplicates.cleared([_VIP], _LINKS)
        await asyncio.sleep(2)
        segment.owners.clear()
        assert segment.duplicates.cleared([_VIP], _LINKS) == []
        segment.duplicates.ask_again()
        segment.duplicates.cleared([_VIP], _LINKS)
        await asyncio.sleep(2)
        assert segment.duplicates.cleared([_VIP], _LINKS) == [_VIP]

    run_virtually(scene())


def test_silence_is_good_for_some_seconds_only() -> None:
    async def scene() -> None:
        segment = _Segment({})
        segment.duplicates.cleared([_VIP], _LINKS)
        await asyncio.sleep(60)
        assert segment.duplicates.cleared([_VIP], _LINKS) == []

    run_virtually(scene())


def test_who_cannot_ask_takes_nothing_says_why_and_tries_again_now_and_then() -> None:
    async def scene() -> None:
        segment = _Segment({})
        segment.trouble = "The needle is broken."
        for _ in range(100):
            assert segment.duplicates.cleared([_VIP], _LINKS) == []
            await asyncio.sleep(0.1)
        refusal = segment.duplicates.refusal(_VIP)
        assert refusal is not None
        assert (refusal.hardware, "The needle is broken." in refusal.reason) == ("", True)
        assert len(segment.questions) <= 11
        segment.trouble = ""
        for _ in range(30):
            cleared = segment.duplicates.cleared([_VIP], _LINKS)
            await asyncio.sleep(0.1)
        assert cleared == [_VIP]

    run_virtually(scene())


def test_without_a_link_nobody_can_be_asked() -> None:
    async def scene() -> None:
        segment = _Segment({})
        unplugged = {"eth0": Link(2, "eth0", False, "02:00:00:00:00:01")}
        assert segment.duplicates.cleared([_VIP], unplugged) == []
        refusal = segment.duplicates.refusal(_VIP)
        assert refusal is not None
        assert "eth0 has no link" in refusal.reason
        assert not segment.questions
        segment.duplicates.cleared([_VIP], _LINKS)
        assert segment.duplicates.is_asking(_VIP)

    run_virtually(scene())


def test_an_interface_without_arp_or_not_there_is_not_asked_on() -> None:
    async def scene() -> None:
        segment = _Segment({})
        quiet = {"eth0": Link(2, "eth0", True, "02:00:00:00:00:01", has_arp=False)}
        assert segment.duplicates.cleared([_VIP], quiet) == [_VIP]
        assert segment.duplicates.cleared([_VIP], {}) == [_VIP]
        assert not segment.questions

    run_virtually(scene())


def test_stopped_it_waits_for_nobody() -> None:
    async def scene() -> int:
        segment = _Segment({})
        segment.duplicates.cleared([_VIP], _LINKS)
        segment.duplicates.stop()
        await asyncio.sleep(10)
        return segment.answers

    assert run_virtually(scene()) == 0
