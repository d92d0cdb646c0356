"""Additional checks: what a text of also_check says, and that every mistake in it is told."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.lvs.checks.additional import also_checks, also_virtuals
from app.lvs.keywords.secret_keys import covered
from app.lvs.model.check_kinds import CheckKind
from tests.lvs.samples import virtual


def said(text: str) -> list[tuple[str, dict[str, Any]]]:
    """Return the word and the values of each check of `text`, which has no fault."""
    found = also_checks(text)
    assert found.faults == ()
    return [(check.word, dict(check.values)) for check in found.checks]


def only_fault(text: str) -> str:
    found = also_checks(text)
    assert len(found.faults) == 1, found
    return found.faults[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" \t", []),
        ("smtp", [("smtp", {})]),
        ("smtp;", [("smtp", {})]),
        ("SMTP ;\tping", [("smtp", {}), ("ping", {})]),
        (
            "http path=/ready port=8080; smtp tls=1",
            [("http", {"check_path": "/ready", "check_port": 8080}), ("smtp", {"check_tls": True})],
        ),
        (
            "send send='A; B=1\\r\\n' expect='' regex=no",
            [("send", {"send": "A; B=1\\r\\n", "expect": "", "use_regex": False})],
        ),
        ("http path=/x?a='b; ping", [("http", {"check_path": "/x?a='b"}), ("ping", {})]),
        ("redis password=it's", [("redis", {"check_password": "it's"})]),
        ("program program='disk.sh %h /var'", [("program", {"send_program": "disk.sh %h /var"})]),
        ("grpc certificate_days=30 name=a", [("grpc", {"check_certificate_days": 30, "check_name": "a"})]),
    ],
)
def test_a_text_says_checks_with_their_settings(text: str, expected: list[tuple[str, dict[str, Any]]]) -> None:
    assert said(text) == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("htp", "Additional check 1 is 'htp': use one of tcp, ping, send,"),
        ("none", "Additional check 1 is 'none': use one of tcp,"),
        ("path=/", "Additional check 1 has no kind: it must begin with one of tcp,"),
        ("smtp; ; ping", "Additional check 2 is empty: remove one ;"),
        (";", "Additional check 1 is empty"),
        ("ping; http pth=/", "Additional check 2 (http) has the setting 'pth': use one of path, host, status,"),
        ("http check_path=/", "Additional check 1 (http) has the setting 'check_path'"),
        ("http need=2", "Additional check 1 (http) has the setting 'need'"),
        ("http tls", "Additional check 1 (http) has 'tls', which is not a setting: write name=value"),
        ("http path=", "Additional check 1 (http) has path without a value: write path=value"),
        ("http path=/ path=/", "Additional check 1 (http) has path twice"),
        ("http path='/a", "Additional check 1 (http) has path in single quotes, but the quote is not closed"),
        ("http path='/a'b", "Additional check 1 (http) has path in single quotes, but the quote is closed too"),
        ("tcp port=http", "Additional check 1 (tcp) has port, and 'http' is not a number"),
        (
            "tcp source=eth0",
            "Additional check 1 (tcp) has source, and check_source is 'eth0'; it must be an IPv4",
        ),
        ("smtp tls=maybe", "Additional check 1 (smtp) has tls, and 'maybe' is neither yes nor no"),
    ],
)
def test_a_mistake_is_told_with_what_is_accepted(text: str, words: str) -> None:
    assert only_fault(text).startswith(words)


def test_all_mistakes_are_told_at_once() -> None:
    assert len(also_checks("htp; ; http a=1 port=x; smtp b").faults) == 5


def test_what_stands_behind_a_password_is_not_repeated() -> None:
    assert "horse" not in only_fault("redis password=correct horse")


def test_a_check_with_a_mistake_is_none() -> None:
    found = also_checks("http port=x; smtp")
    assert [(check.number, check.word) for check in found.checks] == [(2, CheckKind.SMTP)]


def test_only_how_it_leaves_and_how_often_is_that_of_the_first_check() -> None:
    first = virtual(
        check=CheckKind.HTTPS,
        check_host="a.example",
        check_port=8443,
        check_password="geheim",
        expect="ok",
        check_interval=7,
        check_limit=3,
        check_interface="eth1",
        also_check="http path=/ready limit=2",
        check_need="any",
    )
    (other,) = also_virtuals(first)
    assert (other.check, other.check_path) == (CheckKind.HTTP, "/ready")
    assert (other.check_interval, other.check_limit, other.check_interface) == (7, 2, "eth1")
    unsaid = (other.check_host, other.check_port, other.check_password, other.expect, other.also_check)
    assert unsaid == (None,) * len(unsaid)
    assert (other.name, other.server) == (first.name, first.server)


@given(st.text(st.sampled_from("htpsm =';\\.a1/\t"), max_size=40))
def test_any_text_is_understood_or_refused(text: str) -> None:
    found = also_checks(text)
    assert found.checks or found.faults or not text.strip(" \t")
    assert all(fault.endswith(".") for fault in found.faults)


@given(st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0'"), min_size=1))
def test_a_quoted_value_is_read_as_it_stands_and_can_be_covered(value: str) -> None:
    text = f"redis password='{value}'; ping"
    assert said(text)[0] == ("redis", {"check_password": value})
    assert covered("also_check", text) == "redis password=•••; ping"
