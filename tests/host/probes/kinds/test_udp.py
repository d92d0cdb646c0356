"""UDP: a reply that is compared, with wildcards where it is a regular expression; and no reply at all."""

import socket
from ipaddress import ip_address
from typing import Any

import pytest

from app.lvs.checks.check import Outcome
from app.lvs.checks.expect import unescape
from app.lvs.model.check_kinds import CheckKind
from tests.host.probes.answering import answering, asked, asked_of, of
from tests.host.probes.asking import ask

# What a game server might say: a mark, a count of players that changes, a name, and a byte that is no text.
REPLY = b"\xff\xff\xff\xffinfo\x00\x17players=23;name=one\xfe"


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
@pytest.mark.parametrize(
    ("expect", "outcome"),
    [
        ("*", Outcome.PASSED),
        (r"^\xff{4}info", Outcome.PASSED),
        ("players=[0-9]+;", Outcome.PASSED),
        # A dot is any one byte, whatever it is: even 0, and one that is no text.
        (r"^....info..players=..;name=.*.$", Outcome.PASSED),
        (r"info\x00.players", Outcome.PASSED),
        (r"info\x01.players", Outcome.FAILED),
        ("players=[0-9]{3}", Outcome.FAILED),
        ("^info", Outcome.FAILED),
        ("(", Outcome.FAILED),
    ],
)
def test_a_reply_may_be_told_with_wildcards(address: str, expect: str, outcome: Outcome) -> None:
    server = answering(lambda _: (REPLY,), address)
    result = asked_of(
        CheckKind.UDP, server, address, send=b"info?\n", expect=unescape(expect), use_regex=expect != "*"
    )
    assert (result.outcome, result.is_reached) == (outcome, True), result.message
    assert server.heard == [b"info?\n"]


@pytest.mark.parametrize(
    ("expect", "outcome"), [(b"players=.", Outcome.FAILED), (b"a.c", Outcome.FAILED), (b"abc", Outcome.PASSED)]
)
def test_without_a_regular_expression_nothing_but_a_lone_star_is_a_wildcard(
    expect: bytes, outcome: Outcome
) -> None:
    assert asked(CheckKind.UDP, lambda _: (b"abcdef",), send=b"?", expect=expect).outcome is outcome


def test_it_asks_from_the_address_and_through_the_interface_that_are_named() -> None:
    server = answering(lambda data: (data,))
    more: dict[str, Any] = {"send": b"?", "expect": b"?", "source": ip_address("127.0.0.5"), "interface": "lo"}
    assert asked_of(CheckKind.UDP, server, **more).outcome is Outcome.PASSED
    assert server.asked_from == ["127.0.0.5"]


@pytest.mark.parametrize("send", [b"?", b""])
def test_where_no_reply_is_expected_silence_is_well(send: bytes) -> None:
    server = answering(lambda _: ())
    result = asked_of(CheckKind.UDP, server, send=send)
    assert (result.outcome, result.is_reached) == (Outcome.PASSED, False)
    assert result.message.endswith(": sent and not rejected")
    assert server.heard == [send]


def test_where_no_reply_is_expected_any_is_well_and_not_waited_beyond() -> None:
    result = asked(CheckKind.UDP, lambda _: (b"whatever",), send=b"?", limit_s=3600)
    assert (result.outcome, result.is_reached) == (Outcome.PASSED, True)
    assert result.message.endswith(": answered")


@pytest.mark.parametrize("expect", [None, b"*"])
@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_a_closed_port_fails_whether_a_reply_is_expected_or_not(expect: bytes | None, address: str) -> None:
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind((address, 0))
        port = one.getsockname()[1]
    result = ask(of(CheckKind.UDP, port, address, send=b"?", expect=expect))
    assert (result.outcome, result.is_reached) == (Outcome.FAILED, True)
    assert result.message.endswith(": refused")
