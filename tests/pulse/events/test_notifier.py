"""Couriers: first at once, then at most one message in a gap, none in another's way, none for ever."""

import asyncio
import logging
from dataclasses import dataclass, field

import pytest

from app.host.messengers.messenger import Messenger, Undelivered
from app.host.messengers.webhook import WebhookMessenger
from app.host.probes.kinds.program import Programs
from app.lvs.model.config import Config
from app.lvs.notify.message import Message
from app.pulse.events.notifier import AGAIN_AFTER_S, FINISHES_WITHIN_S, Dispatcher, Notifier, messengers
from tests.host.messengers.receiver import receiving
from tests.host.probes.asking import NOWHERE
from tests.host.probes.hostile import silent
from tests.lvs.events import event
from tests.pulse.virtual_time import run_virtually
from tests.tcp_server import serving

PROGRAMS = Programs(NOWHERE, "nobody")


@dataclass
class Outside:
    """A way out that takes messages, but for the times it is told to fail or to hang."""

    failures: int = 0
    hangs_s: float = 0.0
    name: str = "outside"
    begun: list[float] = field(default_factory=list)
    taken: list[Message] = field(default_factory=list)

    async def send(self, message: Message) -> str:
        self.begun.append(asyncio.get_running_loop().time() - 1000)
        if self.hangs_s:
            await asyncio.sleep(self.hangs_s)
        if self.failures:
            self.failures -= 1
            raise Undelivered("outside: it rains")
        self.taken.append(message)
        return "outside"

    def subjects(self) -> list[str]:
        return [message.subject.partition(": ")[2] for message in self.taken]


def test_a_message_goes_out_at_once_and_the_next_after_the_gap() -> None:
    outside = Outside()

    async def story() -> None:
        courier = Dispatcher(outside, 60, print)
        courier.on_event(event("down"))
        await asyncio.sleep(10)
        courier.on_event(event("up"))
        courier.on_event(event("down", "web2"))
        await asyncio.sleep(200)
        await courier.finish(1)

    run_virtually(story())
    assert outside.begun == [1.0, 61.0]
    assert outside.subjects() == [
        "1 server out: web1 of web",
        "1 server out: web2 of web; 1 server in: web1 of web",
    ]


def test_a_delivery_that_fails_is_tried_again_with_growing_delays() -> None:
    outside = Outside(failures=2)

    async def story() -> None:
        courier = Dispatcher(outside, 60, print)
        courier.on_event(event("down"))
        await asyncio.sleep(100)
        await courier.finish(1)

    run_virtually(story())
    assert outside.begun == [1.0, 1.0 + AGAIN_AFTER_S[0], 1.0 + sum(AGAIN_AFTER_S[:2])]
    assert outside.subjects() == ["1 server out: web1 of web"]


def test_a_message_that_is_given_up_is_said_and_mentioned_in_the_next() -> None:
    outside, given_up = Outside(failures=len(AGAIN_AFTER_S) + 1), list[str]()

    async def story() -> None:
        courier = Dispatcher(outside, 60, given_up.append)
        courier.on_event(event("down"))
        await asyncio.sleep(50)
        courier.on_event(event("up"))
        await asyncio.sleep(500)
        await courier.finish(1)

    run_virtually(story())
    (said,) = given_up
    assert said.startswith("a message was dropped (")
    assert said.endswith("1 server out: web1 of web): outside: it rains")
    assert outside.subjects() == ["1 server in: web1 of web"]
    assert "1 earlier message could not be delivered." in outside.taken[0].text


def test_what_happens_while_a_delivery_hangs_is_gathered_and_never_more_than_one_is_under_way() -> None:
    outside = Outside(hangs_s=300)

    async def story() -> None:
        courier = Dispatcher(outside, 60, print)
        for number in range(500):
            courier.on_event(event("down" if number % 2 else "up", f"web{number % 5}"))
            await asyncio.sleep(1)
        await asyncio.sleep(1000)
        await courier.finish(1)

    run_virtually(story())
    assert outside.begun == [1.0, 301.0, 601.0]
    assert sum(change.times for message in outside.taken for change in message.changes) == 500


def test_pulse_that_stops_tells_what_waits_and_waits_for_no_messenger_that_hangs() -> None:
    well, hanging = Outside(), Outside(hangs_s=1e9)
    took: list[float] = []

    async def story() -> None:
        loop = asyncio.get_running_loop()
        for outside in (well, hanging):
            courier = Dispatcher(outside, 60, print)
            courier.on_event(event("down"))
            await asyncio.sleep(2)
            courier.on_event(event("up"))
            began = loop.time()
            await courier.finish(FINISHES_WITHIN_S)
            took.append(loop.time() - began)

    run_virtually(story())
    assert well.subjects() == ["1 server out: web1 of web", "1 server in: web1 of web"]
    assert took == [0.0, FINISHES_WITHIN_S]


def test_a_messenger_that_breaks_is_logged_and_used_again(caplog: pytest.LogCaptureFixture) -> None:
    class Breaking(Outside):
        async def send(self, message: Message) -> str:
            if not self.begun:
                self.begun.append(0.0)
                raise RuntimeError("broken")
            return await super().send(message)

    outside = Breaking()

    async def story() -> None:
        courier = Dispatcher(outside, 60, print)
        courier.on_event(event("down"))
        await asyncio.sleep(10)
        courier.on_event(event("up"))
        await asyncio.sleep(100)
        await courier.finish(1)

    run_virtually(story())
    assert outside.subjects() == ["1 server in: web1 of web"]
    assert any(
        record.levelno == logging.ERROR and "failed unexpectedly" in record.getMessage()
        for record in caplog.records
    )


def test_another_gap_and_another_messenger_hold_from_the_next_message_on() -> None:
    first, second = Outside(), Outside()

    async def story() -> None:
        courier = Dispatcher(first, 60, print)
        courier.on_event(event("down"))
        await asyncio.sleep(2)
        courier.on_event(event("up"))
        courier.deliver_by(second, 10)
        await asyncio.sleep(100)
        await courier.finish(1)

    run_virtually(story())
    assert (first.begun, second.begun) == ([1.0], [11.0])


def test_a_webhook_that_hangs_holds_up_neither_the_loop_nor_the_other_messenger() -> None:
    async def story(port: int) -> list[float]:
        loop = asyncio.get_running_loop()
        ticks: list[float] = []
        notifier = Notifier(PROGRAMS, print)
        async with serving(silent) as hanging:
            both = (f"http://127.0.0.1:{hanging}/", f"http://127.0.0.1:{port}/")
            couriers: list[Messenger] = [
                messengers(Config(webhook=address), PROGRAMS)["webhook"] for address in both
            ]
            notifier.dispatchers = {str(n): Dispatcher(courier, 1, print) for n, courier in enumerate(couriers)}
            notifier.on_event(event("down"))
            while not receiver.posted:
                began = loop.time()
                await asyncio.sleep(0.01)
                ticks.append(loop.time() - began)
            await notifier.stop()
        return ticks

    with receiving() as receiver:
        ticks = asyncio.run(story(receiver.server_port))
        assert receiver.posted[0][2]["changes"][0]["server"] == "web1"
    assert len(ticks) > 10


def test_a_configuration_names_its_messengers() -> None:
    assert messengers(Config(), PROGRAMS) == {}
    everything = Config(mail_to="a@b.c", webhook="https://chat/x", notify_program="tell")
    assert list(messengers(everything, PROGRAMS)) == ["mail", "webhook", "program"]
    assert isinstance(messengers(Config(webhook="http://chat"), PROGRAMS)["webhook"], WebhookMessenger)


@pytest.mark.parametrize(
    "wrong", [{"mail_to": "no body"}, {"webhook": "chat"}, {"mail_to": "a", "mail_server": ":"}]
)
def test_an_address_that_is_none_is_left_out_and_logged(
    wrong: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    found = messengers(Config(notify_program="tell", **wrong), PROGRAMS)  # type: ignore[arg-type]
    assert list(found) == ["program"]
    assert len(caplog.records) == 1


def test_a_messenger_that_leaves_the_configuration_is_told_nothing_more() -> None:
    given_up: list[str] = []

    async def story() -> None:
        notifier = Notifier(PROGRAMS, given_up.append)
        notifier.apply_config(Config(notify_program="tell"))
        notifier.on_event(event("down"))
        notifier.apply_config(Config())
        notifier.on_event(event("up"))
        await asyncio.sleep(1000)
        await notifier.stop()

    run_virtually(story())
    assert given_up == []


def test_a_program_that_is_not_there_is_given_up_with_what_to_do() -> None:
    given_up: list[str] = []

    async def story() -> None:
        notifier = Notifier(PROGRAMS, given_up.append)
        notifier.apply_config(Config(notify_program="tell"))
        notifier.on_event(event("down"))
        await asyncio.sleep(1000)
        await notifier.stop()

    run_virtually(story())
    assert len(given_up) == 1
    assert "program tell: /nonexistent/tell does not exist" in given_up[0]
