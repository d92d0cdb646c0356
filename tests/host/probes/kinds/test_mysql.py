"""MySQL: a login carried to its end whoever is asked for, and the errors of a server that does not serve."""

import pytest

from app.lvs.checks.check import Outcome
from app.lvs.model.check_kinds import CheckKind
from tests.host.probes.speaking import spoken


def packet(number: int, content: bytes) -> bytes:
    return len(content).to_bytes(3, "little") + bytes([number]) + content


def error(number: int, code: int, text: bytes) -> bytes:
    return packet(number, b"\xff" + code.to_bytes(2, "little") + text)


GREETING = packet(0, b"\x0a5.5.5-10.11.6-MariaDB\0" + bytes(40))
WELCOME = packet(2, b"\0\0\0\x02\0\0\0")
QUIT = packet(0, b"\x01")


def test_a_user_without_password_comes_in_and_leaves() -> None:
    result, heard = spoken(CheckKind.MYSQL, GREETING, WELCOME, name="watcher")
    assert result.outcome is Outcome.PASSED, result.message
    assert result.message.startswith("MySQL login to 127.0.0.1:")
    assert result.message.endswith(" as watcher: version 10.11.6-MariaDB")
    login = heard[0]
    assert login[:4] == packet(1, login[4:])[:4]
    assert login.endswith(b"watcher\0\0mysql_native_password\0")
    assert heard[1:] == [QUIT]


@pytest.mark.parametrize(
    ("plugin", "proof"), [(b"mysql_native_password", b""), (b"caching_sha2_password", b"\0"), (b"dialog", b"\0")]
)
def test_no_password_is_told_to_the_plugin_the_server_wants(plugin: bytes, proof: bytes) -> None:
    result, heard = spoken(CheckKind.MYSQL, GREETING, packet(2, b"\xfe" + plugin + b"\0salt\0"), WELCOME)
    assert result.outcome is Outcome.PASSED, result.message
    assert heard[1:] == [packet(3, proof), QUIT]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (
            (GREETING, error(2, 1045, b"#28000Access denied")),
            ": version 10.11.6-MariaDB, in service, login refused: ",
        ),
        ((GREETING, error(2, 3159, b"#HY000TLS please")), "in service, login refused: 'TLS please'"),
        ((error(0, 1130, b"Host not allowed"),), ": in service, login refused: 'Host not allowed'"),
    ],
)
def test_a_server_that_refuses_only_us_is_well(lines: tuple[bytes, ...], said: str) -> None:
    result, heard = spoken(CheckKind.MYSQL, *lines)
    assert result.outcome is Outcome.PASSED, result.message
    assert said in result.message
    assert heard[-1] == b""


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ((error(0, 1040, b"Too many connections"),), ": refused with error 1040: 'Too many connections'"),
        ((error(0, 1129, b"Host is blocked"),), ": refused with error 1129: 'Host is blocked'"),
        ((GREETING, error(2, 1053, b"#08S01Shutdown")), ": refused with error 1053: 'Shutdown'"),
        ((packet(0, b"\x095.0\0"),), r": greeted with '\t5.0\x00', which is not MySQL protocol 10"),
        ((packet(0, b"\x0a5.0"),), r": greeted with '\n5.0', which is not MySQL protocol 10"),
        ((b"220 mx\r\n",), ": answered '220 ', which is not MySQL"),
        ((bytes(4),), r": answered '\x00\x00\x00\x00', which is not MySQL"),
        ((GREETING,), ": timed out, no answer within 1 s"),
    ],
)
def test_every_other_answer_is_told(lines: tuple[bytes, ...], said: str) -> None:
    result, _ = spoken(CheckKind.MYSQL, *lines)
    assert (result.outcome, result.is_reached) == (Outcome.FAILED, True)
    assert result.message.endswith(said)
