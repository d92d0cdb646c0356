"""Redis: PING with and without a login, and the states in which a server answers but does not serve."""

import pytest

from app.lvs.checks.check import Login, Outcome
from app.lvs.model.check_kinds import CheckKind
from tests.host.probes.speaking import spoken

PING = b"*1\r\n$4\r\nPING\r\n"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"+PONG\r\n", ": answered PONG"),
        (
            b"-NOAUTH Authentication required.\r\n",
            ": in service, login refused: '-NOAUTH Authentication required.'",
        ),
        (b"-NOPERM no\r\n", ": in service, login refused: '-NOPERM no'"),
    ],
)
def test_a_server_that_answers_ping_is_well(answer: bytes, said: str) -> None:
    result, heard = spoken(CheckKind.REDIS, b"", answer)
    assert result.outcome is Outcome.PASSED, result.message
    assert result.message.startswith("Redis PING to 127.0.0.1:")
    assert result.message.endswith(said)
    assert heard == [PING, b""]


@pytest.mark.parametrize(
    ("login", "auth"),
    [
        (Login("reader", "secret"), b"*3\r\n$4\r\nAUTH\r\n$6\r\nreader\r\n$6\r\nsecret\r\n"),
        (Login("default", "secret"), b"*2\r\n$4\r\nAUTH\r\n$6\r\nsecret\r\n"),
    ],
)
def test_a_user_logs_in_first(login: Login, auth: bytes) -> None:
    result, heard = spoken(CheckKind.REDIS, b"", b"+OK\r\n", b"+PONG\r\n", login=login)
    assert result.outcome is Outcome.PASSED, result.message
    assert heard == [auth, PING, b""]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"-LOADING in memory\r\n", ": answered '-LOADING in memory'"),
        (b"-MASTERDOWN Link is down\r\n", ": answered '-MASTERDOWN Link is down'"),
        (b"-ERR max number of clients reached\r\n", ": answered '-ERR max number of clients reached'"),
        (b"+OK\r\n", ": answered '+OK'"),
        (b"PONG\r\n", ": answered 'PONG', which is not Redis"),
    ],
)
def test_every_other_answer_is_told(answer: bytes, said: str) -> None:
    result, _ = spoken(CheckKind.REDIS, b"", answer)
    assert (result.outcome, result.is_reached) == (Outcome.FAILED, True)
    assert result.message.endswith(said)


def test_a_login_that_is_refused_fails() -> None:
    result, heard = spoken(CheckKind.REDIS, b"", b"-WRONGPASS no\r\n", login=Login("reader", "x"))
    assert result.outcome is Outcome.FAILED
    assert "Redis AUTH to " in result.message
    assert result.message.endswith(": answered '-WRONGPASS no'")
    assert heard[1:] == [b""]
