"""IMAP: greetings, goodbyes, and what is no IMAP."""

import pytest

from app.lvs.checks.check import Outcome
from app.lvs.model.check_kinds import CheckKind
from tests.host.probes.speaking import spoken

HELLO, GOODBYE = b"* OK [CAPABILITY IMAP4rev1] ready\r\n", b"* BYE out\r\npalometa OK done\r\n"


@pytest.mark.parametrize(
    ("hello", "goodbye", "said"),
    [
        (HELLO, GOODBYE, "greeted with OK"),
        (b"* ok ready\r\n", b"* bye\r\n", "greeted with OK"),
        (b"* PREAUTH hello you\r\n", GOODBYE, "greeted with PREAUTH"),
        (HELLO, b"* CAPABILITY IMAP4rev1\r\npalometa OK\r\n", "greeted with OK"),
    ],
)
def test_a_server_that_greets_and_parts_is_well(hello: bytes, goodbye: bytes, said: str) -> None:
    result, heard = spoken(CheckKind.IMAP, hello, goodbye)
    assert result.outcome is Outcome.PASSED, result.message
    assert result.message.startswith("IMAP LOGOUT from 127.0.0.1:")
    assert result.message.endswith(f": {said}")
    assert heard == [b"palometa LOGOUT\r\n", b""]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ((b"* BYE overloaded\r\n",), ": refused with '* BYE overloaded'"),
        ((b"* NO\r\n",), ": greeted with '* NO', which is not IMAP"),
        ((b"220 mx\r\n",), ": greeted with '220 mx', which is not IMAP"),
        ((b"\r\n",), ": greeted with '', which is not IMAP"),
        ((HELLO, b"palometa BAD what\r\n"), ": answered 'palometa BAD what'"),
        ((HELLO, b"* 1 EXISTS\r\n" * 101), ": answered 100 lines without ending the session"),
        ((HELLO,), ": timed out, no answer within 1 s"),
    ],
)
def test_every_other_answer_is_told(lines: tuple[bytes, ...], said: str) -> None:
    result, _ = spoken(CheckKind.IMAP, *lines)
    assert (result.outcome, result.is_reached) == (Outcome.FAILED, True)
    assert result.message.endswith(said)
