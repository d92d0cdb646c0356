"""LDAP: the bind, the search of one entry, the codes of both, and BER that is none."""

import pytest

from app.host.probes.transport.ber import Unreadable, element, elements
from app.lvs.checks.check import Login, Outcome
from app.lvs.model.check_kinds import CheckKind
from tests.host.probes.speaking import spoken


def message(number: int, tag: int, content: bytes) -> bytes:
    return element(0x30, element(0x02, bytes([number])), element(tag, content))


def result_of(code: int, text: bytes = b"") -> bytes:
    return element(0x0A, bytes([code])) + element(0x04) + element(0x04, text)


BOUND, SEARCHED = message(1, 0x61, result_of(0)), message(2, 0x65, result_of(0))
ENTRY = message(2, 0x64, element(0x04, b"dc=example") + element(0x30))
UNBIND = bytes.fromhex("30050201034200")


def test_nobody_binds_and_the_root_is_read() -> None:
    result, heard = spoken(CheckKind.LDAP, b"", BOUND, ENTRY + SEARCHED)
    assert result.outcome is Outcome.PASSED, result.message
    assert result.message.startswith("LDAP search for the root in 127.0.0.1:")
    assert heard[0] == bytes.fromhex("300c020101600702010304008000")
    search = "302a020102632504000a01000a0100020101020100010100870b6f626a656374436c61737330050403312e31"
    assert heard[1].hex() == search
    assert heard[2] == UNBIND


def test_a_user_binds_and_a_named_entry_is_read() -> None:
    login = Login("cn=reader,dc=example", "secret" * 30)
    result, heard = spoken(CheckKind.LDAP, b"", BOUND, ENTRY + SEARCHED, login=login, name="dc=example")
    assert result.outcome is Outcome.PASSED, result.message
    assert element(0x04, login.user.encode()) + element(0x80, login.password.encode()) in heard[0]
    assert element(0x04, b"dc=example") in heard[1]


def test_a_root_nobody_may_see_is_no_failure_but_a_named_entry_is() -> None:
    assert spoken(CheckKind.LDAP, b"", BOUND, SEARCHED)[0].outcome is Outcome.PASSED
    result, _ = spoken(CheckKind.LDAP, b"", BOUND, SEARCHED, name="dc=example")
    assert result.outcome is Outcome.FAILED
    assert result.message.endswith(": no entry returned: not readable with this login")


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ((message(1, 0x61, result_of(49)),), ": result 49, wrong user or password"),
        ((message(1, 0x61, result_of(52, b"later")),), ": result 52, unavailable, 'later'"),
        ((message(1, 0x61, result_of(99)),), ": result 99, failed"),
        ((BOUND, message(2, 0x65, result_of(32))), ": result 32, there is no such entry"),
        ((BOUND, ENTRY + message(2, 0x65, result_of(51))), ": result 51, busy"),
        ((message(0, 0x78, result_of(52)),), ": result 52, unavailable"),
        ((message(1, 0x61, b"\x0a\x01"),), r": answered '\n\x01', which is not a result"),
        ((message(1, 0x61, element(0x02, b"\0") + element(0x04) * 2),), "which is not a result"),
        ((b"\x30\x80\x02\x01",), ", which is not LDAP"),
        ((b"\x30\x84\x7f\xff\xff\xff",), "which is not LDAP"),
        ((b"\x30\x03\x02\x01\x01",), r": answered '0\x03\x02\x01\x01', which is not LDAP"),
        ((b"HTTP/1.1 400\r\n",), ": answered 'HT', which is not LDAP"),
        ((BOUND, ENTRY * 101), ": sent 100 messages without a result"),
        ((BOUND,), ": timed out, no answer within 1 s"),
    ],
)
def test_every_other_answer_is_told(lines: tuple[bytes, ...], said: str) -> None:
    result, _ = spoken(CheckKind.LDAP, b"", *lines)
    assert (result.outcome, result.is_reached) == (Outcome.FAILED, True)
    assert result.message.endswith(said)


@pytest.mark.parametrize("size", [0, 1, 127, 128, 255, 256, 70_000])
def test_an_element_is_read_as_it_was_written(size: int) -> None:
    assert elements(element(0x04, b"x" * size) + element(0x02, b"\x01")) == [(0x04, b"x" * size), (0x02, b"\x01")]


@pytest.mark.parametrize("data", ["04", "0480", "0401", "048101", "0485000000000161", "04ff"])
def test_what_is_no_element_is_refused(data: str) -> None:
    with pytest.raises(Unreadable):
        elements(bytes.fromhex(data))
