"""PostgreSQL: what a server asks or says that serves, and the errors of one that does not."""

import pytest

from app.lvs.checks.check import Outcome
from app.lvs.model.check_kinds import CheckKind
from tests.host.probes.speaking import spoken


def message(kind: bytes, content: bytes) -> bytes:
    return kind + (len(content) + 4).to_bytes(4, "big") + content


def error(state: bytes, text: bytes = b"no") -> bytes:
    return message(b"E", b"SFATAL\0VFATAL\0C" + state + b"\0M" + text + b"\0\0")


ASKS_MD5, LETS_IN = message(b"R", b"\0\0\0\x05salt"), message(b"R", bytes(4))
READY = message(b"S", b"server_version\x0015\0") + message(b"K", b"12345678") + message(b"Z", b"I")


def test_the_user_of_the_name_is_asked_for() -> None:
    _, heard = spoken(CheckKind.POSTGRESQL, b"", ASKS_MD5, name="watcher")
    assert heard[0] == b"\0\0\0\x28\0\x03\0\0user\0watcher\0database\0postgres\0\0"
    assert spoken(CheckKind.POSTGRESQL, b"", ASKS_MD5)[1][0].count(b"user\0palometa\0") == 1


@pytest.mark.parametrize(
    ("answer", "said", "goodbye"),
    [
        (ASKS_MD5, ": asks for authentication", b""),
        (LETS_IN + READY, ": accepted the login", b"X\0\0\0\x04"),
        (LETS_IN + error(b"3D000", b"no database"), ": in service, user refused: 'no database'", b""),
        (error(b"28000", b"not from here"), ": in service, user refused: 'not from here'", b""),
        (error(b"28P01", b"who?"), ": in service, user refused: 'who?'", b""),
    ],
)
def test_a_server_that_takes_us_up_is_well(answer: bytes, said: str, goodbye: bytes) -> None:
    result, heard = spoken(CheckKind.POSTGRESQL, b"", answer)
    assert result.outcome is Outcome.PASSED, result.message
    assert result.message.endswith(said)
    assert heard[1:] == [goodbye]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (error(b"57P03", b"starting up"), ": refused with '57P03' 'starting up'"),
        (error(b"53300", b"too many clients"), ": refused with '53300' 'too many clients'"),
        (LETS_IN + error(b"53300", b"too many"), ": refused with '53300' 'too many'"),
        (message(b"E", b""), ": refused with '' ''"),
        (message(b"R", b""), r": answered 'R', which is not PostgreSQL"),
        (b"HTTP/1.1 400 Bad\r\n", ": answered 'HTTP/', which is not PostgreSQL"),
        (b"R\0\0\0\0", r": answered 'R\x00\x00\x00\x00', which is not PostgreSQL"),
        (LETS_IN + message(b"N", b"x") * 100, ": sent 100 messages without becoming ready"),
        (LETS_IN, ": timed out, no answer within 1 s"),
    ],
)
def test_every_other_answer_is_told(answer: bytes, said: str) -> None:
    result, _ = spoken(CheckKind.POSTGRESQL, b"", answer)
    assert (result.outcome, result.is_reached) == (Outcome.FAILED, True)
    assert result.message.endswith(said)
