"""Piranha's escapes and comparisons (its nanny), regular expressions included."""

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.lvs.checks.check import Check
from app.lvs.checks.expect import READ_MAX, PatternRefused, compiled, unescape, why_unexpected
from app.lvs.model.check_kinds import CheckKind


def check(expect: bytes | None, use_regex: bool = False) -> Check:
    return Check(
        kind=CheckKind.SEND, address=ip_address("192.0.2.1"), port=80, interval_s=6, limit_s=6,
        expect=expect, use_regex=use_regex,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"GET / HTTP/1.0\r\n\r\n", b"GET / HTTP/1.0\r\n\r\n"),
        (r"a\tb\\c\'d\"", b"a\tb\\c'd\""),
        (r"\x41\0\q", rb"\x41\0\q"),
        ("\\", b"\\"),
        ("ab\\", b"ab\\"),
        ("", b""),
        ("é", "é".encode()),
    ],
)
def test_escapes_are_undone_as_piranha_did(text: str, expected: bytes) -> None:
    assert unescape(text) == expected


@pytest.mark.parametrize(
    ("expect", "answer", "said"),
    [
        (b"HTTP", b"HTTP/1.1 200 OK", ""),
        (b"HTTP", b"http/1.1", "expected 'HTTP'"),
        (b"HTTP", b"xHTTP", "answered 'xHTTP'"),
        (b"HTTP", b"HT", "too short [2>=4]"),
        (b"HTTP", b"", "closed without an answer"),
        (b"*", b"", ""),
        (b"*", b"\xff\xfe", ""),
        (b"", b"", ""),
        (b"HTTP", b"\xff\xfe", r"\xff"),
    ],
)
def test_an_answer_must_begin_with_what_is_expected(expect: bytes, answer: bytes, said: str) -> None:
    why = why_unexpected(check(expect), answer)
    assert (said in why) if said else why == ""


@pytest.mark.parametrize(
    ("pattern", "answer", "matches"),
    [
        (b"200 OK", b"HTTP/1.1 200 OK", True),
        (b"^200", b"HTTP/1.1 200 OK", False),
        (b"^a$", b"a\nb", False),
        (b"a.b", b"a\nb", True),
        (b"[[:digit:]]{3}", b"code 204", True),
        (b"(2|3)[0-9]+", b"302", True),
        (b"\xe9", b"caf\xe9", True),
        (b"end", b"x" * READ_MAX + b"end", False),
    ],
)
def test_a_regular_expression_is_found_anywhere_in_the_first_254_bytes(
    pattern: bytes, answer: bytes, matches: bool
) -> None:
    assert (why_unexpected(check(pattern, use_regex=True), answer) == "") is matches


def test_a_pattern_made_to_explode_does_not() -> None:
    assert why_unexpected(check(b"(a+)+$", use_regex=True), b"a" * 253 + b"b").startswith("answered 'aaa")


def test_a_pattern_that_cannot_be_read_fails_and_says_why() -> None:
    assert "is invalid: missing )" in why_unexpected(check(b"(a", use_regex=True), b"a")
    with pytest.raises(PatternRefused):
        compiled(b"(((((x{255}){255}){255})))")


@given(st.binary(min_size=1, max_size=READ_MAX), st.binary())
def test_what_begins_with_the_expected_passes_and_nothing_else(expect: bytes, answer: bytes) -> None:
    passes = why_unexpected(check(expect), answer) == ""
    assert passes == (answer[: len(expect)] == expect or expect == b"*")


@given(st.binary(), st.binary(), st.booleans())
def test_no_answer_and_no_pattern_break_it(expect: bytes, answer: bytes, use_regex: bool) -> None:
    assert isinstance(why_unexpected(check(expect, use_regex), answer), str)
