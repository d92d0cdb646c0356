"""SMTP: replies of one line and of several, those that refuse, and what is no SMTP."""

import asyncio
import re

import pytest

from app.host.own_name import introduction
from app.lvs.checks.check import Outcome
from app.lvs.checks.origin import CheckOrigin
from app.lvs.model.check_kinds import CheckKind
from app.lvs.model.config import Config
from tests.host.probes.asking import ask_server, check, prober
from tests.host.probes.speaking import spoken
from tests.tcp_server import serving

EHLO = f"EHLO {introduction('', '127.0.0.1')}\r\n".encode()
HELLO, WELCOME, GOODBYE = b"220 mx ESMTP\r\n", b"250 mx\r\n", b"221 bye\r\n"
LONG_HELLO = b"220-mx ESMTP\r\n220-no spam\r\n220 \r\n"
LONG_WELCOME = b"250-mx\r\n250-PIPELINING\r\n250 8BITMIME\r\n"


@pytest.mark.parametrize("hello", [HELLO, LONG_HELLO, b"220\r\n"])
@pytest.mark.parametrize("welcome", [WELCOME, LONG_WELCOME])
def test_a_server_that_greets_and_takes_our_ehlo_is_well(hello: bytes, welcome: bytes) -> None:
    result, heard = spoken(CheckKind.SMTP, hello, welcome, GOODBYE)
    assert result.outcome is Outcome.PASSED, result.message
    assert result.message.startswith("SMTP EHLO to 127.0.0.1:")
    assert result.message.endswith(": answered with 250")
    assert heard == [EHLO, b"QUIT\r\n", b""]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ((b"554 no service\r\n",), "SMTP greeting of 127.0.0.1:{}: greeted with '554 no service'"),
        ((b"421-too\r\n421 busy\r\n",), "greeted with '421-too'"),
        ((HELLO, b"550 who?\r\n"), "SMTP EHLO to 127.0.0.1:{}: answered '550 who?'"),
        ((HELLO, b"221 bye\r\n"), "answered '221 bye'"),
        ((b"220-mx\r\n250 mx\r\n",), "greeted with '250 mx', which is not SMTP"),
        ((b"220mx\r\n",), "greeted with '220mx', which is not SMTP"),
        ((b"+OK POP3\r\n",), "greeted with '+OK POP3', which is not SMTP"),
        ((b"220-mx\r\n" * 20_000,), "greeted with more than 65536 bytes"),
    ],
)
def test_every_other_answer_is_told(lines: tuple[bytes, ...], said: str) -> None:
    result, _ = spoken(CheckKind.SMTP, *lines)
    assert (result.outcome, result.is_reached) == (Outcome.FAILED, True)
    before, _, after = said.rpartition("{}")
    assert before in result.message
    assert result.message.endswith(after)


def test_a_server_that_greets_and_hangs_fails() -> None:
    result, heard = spoken(CheckKind.SMTP, HELLO)
    assert result.outcome is Outcome.FAILED
    assert "SMTP EHLO to" in result.message
    assert heard == [EHLO]


async def strict(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer as Postfix does with reject_non_fqdn_helo_hostname."""
    writer.write(HELLO)
    name = (await reader.readline()).split()[1]
    is_full = re.fullmatch(rb"[\w-]+(\.[\w-]+)+|\[(IPv6:)?[0-9a-f.:]+\]", name)
    writer.write(WELCOME if is_full else b"504 5.5.2 <%b>: need fully-qualified hostname\r\n" % name)
    writer.write((await reader.readline()) and GOODBYE)


def test_a_server_that_insists_on_a_full_name_gets_one() -> None:
    result = ask_server(strict, kind=CheckKind.SMTP)
    assert result.outcome is Outcome.PASSED, result.message


def test_the_name_that_was_chosen_is_said() -> None:
    heard: list[bytes] = []

    async def listening(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(HELLO)
        heard.append(await reader.readline())

    async def both() -> None:
        asking = prober()
        asking.origin = CheckOrigin(Config(helo_name="lb.example.com"))
        async with serving(listening) as port:
            await asking.run(check(port, CheckKind.SMTP))
            await asking.trace(check(port, CheckKind.SMTP), CheckOrigin(Config(helo_name="[192.0.2.2]")))

    asyncio.run(both())
    assert heard == [b"EHLO lb.example.com\r\n", b"EHLO [192.0.2.2]\r\n"]
