"""POP3: greetings, goodbyes, and what is no POP3."""

import pytest

from app.lvs.checks.check import Outcome
from app.lvs.model.check_kinds import CheckKind
from tests.host.probes.speaking import spoken


@pytest.mark.parametrize("hello", [b"+OK ready <1.2@mx>\r\n", b"+OK\r\n"])
def test_a_server_that_greets_and_parts_is_well(hello: bytes) -> None:
    result, heard = spoken(CheckKind.POP3, hello, b"+OK bye\r\n")
    assert result.outcome is Outcome.PASSED, result.message
    assert result.message.startswith("POP3 QUIT to 127.0.0.1:")
    assert heard == [b"QUIT\r\n", b""]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ((b"-ERR busy\r\n",), ": greeted with '-ERR busy'"),
        ((b"+OKAY\r\n",), ": greeted with '+OKAY', which is not POP3"),
        ((b"* OK\r\n",), ": greeted with '* OK', which is not POP3"),
        ((b"+OK\r\n", b"-ERR what\r\n"), ": answered '-ERR what'"),
        ((b"+OK\r\n",), ": timed out, no answer within 1 s"),
    ],
)
def test_every_other_answer_is_told(lines: tuple[bytes, ...], said: str) -> None:
    result, _ = spoken(CheckKind.POP3, *lines)
    assert (result.outcome, result.is_reached) == (Outcome.FAILED, True)
    assert result.message.endswith(said)
