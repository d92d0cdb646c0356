"""SMTP: replies of one line and of several, those that refuse, and what is no SMTP."""

import pytest

from app.lvs.checks.check import Outcome
from app.lvs.model.check_kinds import CheckKind
from tests.host.probes.speaking import spoken

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
    assert heard == [b"EHLO palometa\r\n", b"QUIT\r\n", b""]


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
    assert heard == [b"EHLO palometa\r\n"]
