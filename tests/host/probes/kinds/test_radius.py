"""RADIUS: who is let in, and that only one who has the shared secret is believed."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.host.probes.kinds.radius import (
    ACCESS_REQUEST,
    RadiusAnswer,
    Request,
    hidden,
    packed,
    read,
    require_healthy,
)
from app.host.probes.transport.attempt import Unexpected
from app.lvs.checks.check import Login, Outcome, Result
from app.lvs.model.check_kinds import CheckKind
from tests.host.probes.answering import SECRET, answering, asked, asked_of, of, radius_answer, traced
from tests.host.probes.asking import ask

LOGIN = Login("monitor", "hunter2")
REQUEST = Request(ACCESS_REQUEST, 7, bytes(range(16)), SECRET)


def answered(code: int = 2, *, attributes: bytes = b"", secret: bytes = SECRET, **more: Any) -> Result:
    return asked(
        CheckKind.RADIUS,
        lambda question: (radius_answer(question, code, attributes=attributes, secret=secret),),
        **more,
    )


@pytest.mark.parametrize(("code", "word"), [(2, "Access-Accept"), (5, "Accounting-Response")])
def test_status_server_is_answered(code: int, word: str) -> None:
    result = answered(code)
    assert result.outcome is Outcome.PASSED
    assert result.message.startswith("RADIUS Status-Server to 127.0.0.1:")
    assert result.message.endswith(f": answered {word}")


def test_a_login_is_let_in() -> None:
    result = answered(2, attributes=b"\x12\x07hello", login=LOGIN)
    assert result.outcome is Outcome.PASSED
    assert result.message.startswith("RADIUS Access-Request for monitor to 127.0.0.1:")
    assert result.message.endswith(": answered Access-Accept, 'hello'")


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (3, "answered Access-Reject, 'go away'"),
        (11, "answered Access-Challenge, 'go away': this user needs more than a password"),
        (5, "answered Accounting-Response, 'go away'"),
        (99, "answered code 99, 'go away'"),
    ],
)
def test_a_login_that_is_not_let_in_fails(code: int, said: str) -> None:
    result = answered(code, attributes=b"\x12\x09go away", login=LOGIN)
    assert (result.outcome, result.is_reached) == (Outcome.FAILED, True)
    assert result.message.endswith(f": {said}")


def test_one_with_another_secret_is_not_believed() -> None:
    result = answered(secret=b"another")
    assert (result.outcome, result.is_reached) == (Outcome.FAILED, True)
    assert "received only packets not signed with the shared secret" in result.message


@pytest.mark.parametrize("signed", [bytes(16), b"short", bytes(20)])
def test_an_answer_whose_signature_is_wrong_is_not_believed(signed: bytes) -> None:
    assert read(REQUEST, radius_answer(packed(REQUEST, None), signed=signed)) is None


def test_an_answer_without_a_signature_is_believed_by_its_authenticator() -> None:
    unsigned = radius_answer(packed(REQUEST, None), signed=b"")
    assert read(REQUEST, unsigned) is not None
    assert read(REQUEST, bytes([3]) + unsigned[1:]) is None
    assert read(REQUEST, radius_answer(packed(REQUEST, None), signed=b"", secret=b"another")) is None


def test_the_answer_to_another_request_is_none() -> None:
    right = radius_answer(packed(REQUEST, None))
    assert read(REQUEST, right) is not None
    assert read(REQUEST, right + b"padding") is not None
    assert read(Request(ACCESS_REQUEST, 8, REQUEST.authenticator, SECRET), right) is None
    assert read(Request(ACCESS_REQUEST, 7, bytes(16), SECRET), right) is None


def test_a_password_is_hidden_as_rfc_2865_does_in_its_example() -> None:
    """RFC 2865, 7.1: user nemo, password arctangent, secret xyzzy5461."""
    authenticator = bytes.fromhex("0f403f9473978057bd83d5cb98f4227a")
    request = Request(ACCESS_REQUEST, 0, authenticator, b"xyzzy5461")
    assert hidden(b"arctangent", request) == bytes.fromhex("0dbe708d93d413ce3196e43f782a0aee")


def test_neither_secret_nor_password_is_in_what_is_sent_or_shown() -> None:
    server = answering(lambda question: (radius_answer(question),))
    assert asked_of(CheckKind.RADIUS, server, login=LOGIN).outcome is Outcome.PASSED
    assert b"monitor" in server.heard[0]
    assert b"hunter2" not in server.heard[0]
    steps = traced(CheckKind.RADIUS, lambda question: (radius_answer(question),), login=LOGIN)
    assert "sent 'Access-Request for monitor'" in steps
    assert "testing123" not in repr(REQUEST)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"secret": b""}, "requires a shared secret"),
        ({"login": Login("", "x")}, "user names of 1 to 253 bytes"),
        ({"login": Login("x" * 254, "x")}, "user names of 1 to 253 bytes"),
        ({"login": Login("x", "é" * 65)}, "passwords of at most 128 bytes"),
    ],
)
def test_what_cannot_be_asked_is_the_directors_lack(more: dict[str, Any], said: str) -> None:
    result = ask(of(CheckKind.RADIUS, 1812, **more))
    assert result.outcome is Outcome.NOT_RUN
    assert said in result.message


@pytest.mark.parametrize("attributes", [b"\x12", b"\x12\x00", b"\x12\x01", b"\x12\x09short", b"\x12\xff"])
def test_attributes_that_cannot_be_read_make_no_answer(attributes: bytes) -> None:
    assert read(REQUEST, radius_answer(packed(REQUEST, None), attributes=attributes)) is None


@given(st.integers(0, 255), st.binary(max_size=300))
def test_bytes_in_an_answers_place_are_none_or_judged(code: int, data: bytes) -> None:
    # The second is signed by one who has the secret.
    for packet in (data, radius_answer(packed(REQUEST, LOGIN), code, attributes=data)):
        answer = read(REQUEST, packet)
        if answer is not None:
            assert judged_in_words(answer).isprintable()


def judged_in_words(answer: RadiusAnswer) -> str:
    try:
        return require_healthy(REQUEST, answer)
    except Unexpected as unexpected:
        return str(unexpected)
