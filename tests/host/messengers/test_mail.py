"""Mail, through a real SMTP server on the loopback interface: one that works, and all kinds that do not."""

import asyncio
import socket
from collections.abc import Coroutine
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any, cast

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from app.host.messengers.mail import Mail
from app.host.own_name import introduction
from app.lvs.notify.message import Message
from tests.host.messengers.messages import AWKWARD, a_message, why_not
from tests.host.probes import hostile
from tests.tcp_server import Handler, serving

HEADERS = {
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
}
TO = ("admin@example.com", "root")


def mail(port: int, **more: Any) -> Mail:
    return Mail(**{"recipients": TO, "sender": "palometa@lb1", "host": "127.0.0.1", "port": port,
                   "helo_name": "lb1.example.com", "limit_s": 10.0, **more})  # fmt: skip


class Postbox:
    """Takes every mail but for those addresses it is told to refuse."""

    def __init__(self, refused: tuple[str, ...] = (), answer: str = "250 OK") -> None:
        self.refused, self.answer = refused, answer
        self.mails: list[tuple[str, list[str], EmailMessage, bytes]] = []

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refused:
            return "550 \x1b[31mnobody\x1b of that name"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        raw = cast(bytes, envelope.content)
        parsed = message_from_bytes(raw, policy=default)
        self.mails.append((envelope.mail_from or "", envelope.rcpt_tos, parsed, raw))
        return self.answer


async def through(postbox: Postbox, message: Message, **more: Any) -> str:
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(postbox, hostname="mail.test"), "127.0.0.1", 0
    )
    async with server:
        return await mail(server.sockets[0].getsockname()[1], **more).send(message)


async def why_not_through(postbox: Postbox) -> str:
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(postbox, hostname="mail.test"), "127.0.0.1", 0
    )
    async with server:
        return await why_not(mail(server.sockets[0].getsockname()[1]))


async def why_not_with(handler: Handler, limit_s: float = 1.0) -> str:
    async with serving(handler) as port:
        return await why_not(mail(port, limit_s=limit_s))


def run(story: Coroutine[Any, Any, str]) -> str:
    return asyncio.run(story)


def test_a_mail_arrives_with_subject_and_text() -> None:
    postbox = Postbox()
    said = run(through(postbox, a_message()))
    assert said.endswith("accepted it for admin@example.com, root")
    ((sender, recipients, found, _),) = postbox.mails
    assert (sender, recipients) == ("palometa@lb1", list(TO))
    assert found["Subject"] == "lb1: 1 server out: web1 of web"
    assert found["From"] == "palometa@lb1"
    assert found["To"] == "admin@example.com, root"
    assert found["Auto-Submitted"] == "auto-generated"
    assert found["Date"]
    assert found["Message-ID"].endswith("@lb1.example.com>")
    assert found.get_content_type() == "text/plain"
    assert "web1 (web1:80) of web: connect: refused" in found.get_content()


def test_no_name_makes_a_header_a_recipient_or_the_end_of_the_mail() -> None:
    postbox = Postbox()
    run(through(postbox, a_message(AWKWARD)))
    ((_, recipients, found, _),) = postbox.mails
    assert recipients == list(TO)
    assert found["Bcc"] is None
    assert set(found.keys()) == HEADERS
    assert "wéb1  Bcc: victim@example.com" in found["Subject"]
    assert "wéb1  Bcc: victim@example.com" in found.get_content()


@pytest.mark.parametrize("server", ["é", "é" * 300, "x" * 2000])
def test_every_relay_can_take_it_whatever_the_letters_and_the_lengths(server: str) -> None:
    postbox = Postbox()
    run(through(postbox, a_message(server)))
    ((_, _, found, raw),) = postbox.mails
    raw.decode("ascii")
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert server[:100] in found.get_content()


@pytest.mark.parametrize(
    ("helo_name", "name"),
    [("", introduction("", "127.0.0.1")), ("lb.example.com", "lb.example.com"), ("[192.0.2.2]", "[192.0.2.2]")],
)
def test_a_server_learns_a_full_name_and_so_does_a_sender_without_address(helo_name: str, name: str) -> None:
    greeted: list[str] = []

    class Strict(Postbox):
        async def handle_EHLO(
            self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
        ) -> list[str]:
            greeted.append(hostname)
            session.host_name = hostname
            return responses

    box = Strict()
    asyncio.run(through(box, a_message(), helo_name=helo_name, sender=""))
    [(sender, _, found, _)] = box.mails
    assert greeted == [name]
    assert (sender, found["From"]) == (f"palometa@{name}", f"palometa@{name}")
    assert not found["From"].defects


def test_an_address_the_server_refuses_keeps_the_mail_from_no_other() -> None:
    postbox = Postbox(refused=("root",))
    said = run(through(postbox, a_message()))
    assert "accepted it for admin@example.com, but not for root (550  [31mnobody  of that name)" in said
    assert len(postbox.mails) == 1


def test_when_all_addresses_are_refused_nothing_was_delivered() -> None:
    assert "rejected all recipients: admin@example.com (550" in run(why_not_through(Postbox(refused=TO)))


def test_a_server_that_refuses_the_mail_is_quoted() -> None:
    assert "554 no spam please" in run(why_not_through(Postbox(answer="554 no spam please")))


def test_a_port_nobody_listens_on_is_said() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        said = asyncio.run(why_not(mail(bound.getsockname()[1])))
    assert "Connection refused" in said


@pytest.mark.parametrize(
    "handler", [hostile.silent, hostile.a_byte_a_second, hostile.endless, hostile.closing, hostile.well]
)
def test_a_server_that_hangs_drips_floods_or_speaks_something_else_ends_in_time(handler: Handler) -> None:
    said = run(why_not_with(handler))
    assert said.startswith("mail server 127.0.0.1 port")


async def an_endless_greeting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"220-welcome\r\n" * 1000)
        await writer.drain()


def test_a_greeting_without_end_fills_no_memory() -> None:
    assert "answered with more than 262144 bytes" in run(why_not_with(an_endless_greeting, 30.0))


def test_a_server_that_greets_with_a_refusal_is_quoted() -> None:
    async def refusing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"421 not today\r\n")
        await writer.drain()

    assert "421 not today" in run(why_not_with(refusing))


def test_a_mail_server_that_hangs_does_not_hold_the_loop() -> None:
    async def story() -> int:
        turns = 0
        async with serving(hostile.silent) as port:
            task = asyncio.create_task(why_not(mail(port, limit_s=1.0)))
            while not task.done():
                await asyncio.sleep(0.01)
                turns += 1
        return turns

    assert asyncio.run(story()) >= 10
