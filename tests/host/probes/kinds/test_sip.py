"""SIP: what a server says to OPTIONS."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.host.probes.kinds.sip import read, request
from app.lvs.checks.check import Outcome, Result
from app.lvs.model.check_kinds import CheckKind
from tests.host.probes.answering import answering, asked, asked_of, of, sip_answer

QUESTION = request(of(CheckKind.SIP, 5060), "abc@palometa", "127.0.0.1:40000")
RIGHT = sip_answer(QUESTION)


def answered(status: str, **instead: str) -> Result:
    return asked(CheckKind.SIP, lambda question: (sip_answer(question, status, **instead),))


@pytest.mark.parametrize("status", ["200 OK", "202 Accepted", "200"])
def test_a_status_of_success_passes(status: str) -> None:
    result = answered(status)
    assert result.outcome is Outcome.PASSED
    assert result.message.startswith("SIP OPTIONS to 127.0.0.1:")
    assert result.message.endswith(f": status {status}")


@pytest.mark.parametrize("status", ["302 Moved Temporarily", "404 Not Found", "503 Service Unavailable", "603"])
def test_another_status_fails_with_its_words(status: str) -> None:
    result = answered(status)
    assert (result.outcome, result.is_reached) == (Outcome.FAILED, True)
    assert result.message.endswith(f": status {status}")


def test_a_word_on_the_way_is_not_the_answer() -> None:
    result = asked(CheckKind.SIP, lambda question: (sip_answer(question, "100 Trying"), sip_answer(question)))
    assert result.message.endswith(": status 200 OK")


@pytest.mark.parametrize("instead", [{"call_id": "other@palometa"}, {"cseq": "2 OPTIONS"}, {"cseq": "1 INVITE"}])
def test_the_answer_to_another_request_is_not_taken(instead: dict[str, str]) -> None:
    result = answered("200 OK", **instead)
    assert (result.outcome, result.is_reached) == (Outcome.FAILED, True)
    assert "timed out" in result.message


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"Call-ID:", b"i:"),
        (b"Call-ID: ", b"CALL-ID :  "),
        (b"CSeq: 1 OPTIONS", b"cseq:1   OPTIONS"),
        (b"\r\n", b"\n"),
        (b"200 OK", b"200 "),
    ],
)
def test_headers_may_be_written_otherwise(old: bytes, new: bytes) -> None:
    assert old in RIGHT
    assert read("abc@palometa", RIGHT.replace(old, new)) is not None


def test_headers_end_at_the_empty_line() -> None:
    first, rest = RIGHT.split(b"\r\n", 1)
    assert read("abc@palometa", first + b"\r\n\r\n" + rest) is None


@pytest.mark.parametrize(
    ("address", "name", "wanted"),
    [
        ("127.0.0.1", "", "sip:127.0.0.1:{port}"),
        ("127.0.0.1", "monitor", "sip:monitor@127.0.0.1:{port}"),
        ("::1", "moni tor\r\n", "sip:moni%20tor%0D%0A@[::1]:{port}"),
    ],
)
def test_the_user_and_the_target_are_asked_for(address: str, name: str, wanted: str) -> None:
    server = answering(lambda question: (sip_answer(question),), address)
    result = asked_of(CheckKind.SIP, server, address, name=name)
    assert result.outcome is Outcome.PASSED, result.message
    port = result.message.split(": ")[0].rpartition(":")[2]
    lines = server.heard[0].decode().split("\r\n")
    assert lines[0] == f"OPTIONS {wanted.format(port=port)} SIP/2.0"
    assert f"To: <{wanted.format(port=port)}>" in lines
    assert lines[-2:] == ["", ""]


def test_no_two_requests_are_alike() -> None:
    server = answering(lambda question: (sip_answer(question),))
    asked_of(CheckKind.SIP, server)
    asked_of(CheckKind.SIP, server)
    for name in ("Via", "Call-ID", "From"):
        first, second = (
            next(line for line in sent.decode().split("\r\n") if line.startswith(name)) for sent in server.heard
        )
        assert first != second


def test_words_that_would_move_a_terminal_are_made_plain() -> None:
    result = answered("500 \x1b[2J\xff")
    assert result.message.isprintable()


@given(st.binary(max_size=400), st.integers(0, 400))
def test_bytes_in_an_answers_place_are_none_or_read(data: bytes, cut: int) -> None:
    for packet in (data, RIGHT[:cut] + data, b"SIP/2.0 200 " + data + RIGHT[14:]):
        answer = read("abc@palometa", packet)
        assert answer is None or answer.reason.isprintable()
