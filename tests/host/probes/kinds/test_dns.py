"""DNS: answers that are well and those that are not, and what the expected text is looked for in."""

from typing import Any

import dns.flags
import dns.message
import dns.rcode
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.host.probes.kinds.dns import read
from app.lvs.checks.check import Outcome, Result
from app.lvs.model.check_kinds import CheckKind
from tests.host.probes.answering import asked, dns_answer, of
from tests.host.probes.asking import ask

MX = ("example.com. 60 IN MX 10 one.example.com.", "example.com. 60 IN MX 20 two.example.com.")


def answered(*records: str, rcode: dns.rcode.Rcode = dns.rcode.NOERROR, cut: bool = False, **more: Any) -> Result:
    flags = dns.flags.TC if cut else 0
    return asked(
        CheckKind.DNS, lambda question: (dns_answer(question, *records, rcode=rcode, flags=flags),), **more
    )


def test_the_records_are_told() -> None:
    result = answered()
    assert result.outcome is Outcome.PASSED
    assert result.message.startswith("DNS A of www.example.com from 127.0.0.1:")
    assert result.message.endswith(": 192.0.2.7")


@pytest.mark.parametrize("rcode", [dns.rcode.NXDOMAIN, dns.rcode.SERVFAIL, dns.rcode.REFUSED, dns.rcode.NOTIMP])
def test_an_error_has_its_name(rcode: dns.rcode.Rcode) -> None:
    result = answered(rcode=rcode)
    assert (result.outcome, result.is_reached) == (Outcome.FAILED, True)
    assert result.message.endswith(f": answered {dns.rcode.to_text(rcode)}")


def test_a_refusal_without_the_question_is_an_answer() -> None:
    def refuse(question: bytes) -> tuple[bytes]:
        # The header alone, as some servers send it: response, REFUSED, no question.
        return (question[:2] + b"\x81\x05" + bytes(8),)

    result = asked(CheckKind.DNS, refuse)
    assert result.message.endswith(": answered REFUSED")


def test_a_name_without_such_a_record_fails() -> None:
    def empty(question: bytes) -> tuple[bytes]:
        return (dns.message.make_response(dns.message.from_wire(question)).to_wire(),)

    result = asked(CheckKind.DNS, empty, record_type="MX")
    assert result.outcome is Outcome.FAILED
    assert result.message.endswith(": answered NOERROR, but no MX record")


@pytest.mark.parametrize(
    ("expect", "use_regex", "outcome"),
    [
        (b"two.example", False, Outcome.PASSED),
        (b"*", False, Outcome.PASSED),
        (b"three.example", False, Outcome.FAILED),
        (b"^20 .*com\\.$", True, Outcome.PASSED),
        # Not of two records together.
        (b"one.*two", True, Outcome.FAILED),
        (b"(", True, Outcome.FAILED),
    ],
)
def test_the_expected_text_has_to_be_in_one_record(expect: bytes, use_regex: bool, outcome: Outcome) -> None:
    result = answered(*MX, name="example.com", record_type="MX", expect=expect, use_regex=use_regex)
    assert result.outcome is outcome, result.message


def test_what_came_instead_is_told() -> None:
    result = answered(*MX, name="example.com", record_type="MX", expect=b"three")
    assert result.message.endswith(
        ": answered 10 one.example.com., 20 two.example.com., which does not contain 'three'"
    )


def test_an_answer_cut_short_counts_as_answered() -> None:
    result = answered(*MX, name="example.com", record_type="MX", cut=True)
    assert result.outcome is Outcome.PASSED
    assert result.message.endswith("two.example.com., truncated")


def test_an_answer_cut_short_before_the_expected_text_does_not() -> None:
    result = answered(*MX, name="example.com", record_type="MX", cut=True, expect=b"three")
    assert result.outcome is Outcome.FAILED
    assert result.message.endswith(", truncated, which does not contain 'three'")


@pytest.mark.parametrize(("name", "record_type"), [("a..b", "A"), ("x" * 64, "A"), ("example.com", "NOSUCH")])
def test_what_cannot_be_asked_is_the_directors_lack(name: str, record_type: str) -> None:
    result = ask(of(CheckKind.DNS, 53, name=name, record_type=record_type))
    assert result.outcome is Outcome.NOT_RUN
    assert "cannot query" in result.message


QUERY = dns.message.make_query("www.example.com", "A")
RIGHT = dns_answer(QUERY.to_wire())


def test_an_answer_with_another_number_or_question_is_none() -> None:
    assert read(QUERY, RIGHT) is not None
    assert read(QUERY, bytes([RIGHT[0] ^ 1]) + RIGHT[1:]) is None
    other = dns.message.make_query("www.example.net", "A", id=QUERY.id)
    assert read(QUERY, dns_answer(other.to_wire())) is None
    assert read(QUERY, QUERY.to_wire()) is None


@given(st.binary(max_size=600))
def test_bytes_in_an_answers_place_are_none_or_read(data: bytes) -> None:
    read(QUERY, data)
    read(QUERY, RIGHT[:4] + data)


@given(st.integers(0, 600), st.integers(0, 65535), st.binary(max_size=80))
def test_records_of_any_kind_and_content_are_none_or_read(cut: int, kind: int, content: bytes) -> None:
    read(QUERY, RIGHT[:cut] + content)
    # The last record is an address: two bytes of length and four of its own, after type, class and time to live.
    record = kind.to_bytes(2, "big") + RIGHT[-12:-6] + len(content).to_bytes(2, "big") + content
    read(QUERY, RIGHT[:-14] + record)
