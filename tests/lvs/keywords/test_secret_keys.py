"""What is shown of a password or a secret: that there is one."""

import time

import pytest

from app.lvs.checks.additional import also_checks
from app.lvs.keywords.secret_keys import (
    SECRET_KEYS,
    WITHHELD_KEYS,
    covered,
    covered_line,
    has_secret,
    withheld,
    withheld_in_message,
    withheld_in_summary,
)
from app.lvs.keywords.table import KEYWORDS
from app.lvs.model.keyword import BlockKind


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ('     check_password = "hunter2"', "     check_password = •••"),
        ("+     check_secret = hunter2 # why", "+     check_secret = •••"),
        ('-     check_password="a b"', "-     check_password=•••"),
        ('     also_check = "redis password=hunter2; smtp"', '     also_check = "redis password=•••; smtp"'),
        ("     also_check = \"radius secret='a b' port=1812\"", '     also_check = "radius secret=••• port=1812"'),
        ('     check_user = "hunter2"', '     check_user = "hunter2"'),
        ('  # check_password = "hunter2"', "  # check_password = •••"),
        ("-#also_check = redis password=hunter2", "-#also_check = redis password=•••"),
        ('     send = "password=hunter2"', '     send = "password=hunter2"'),
    ],
)
def test_a_line_is_shown_without_what_is_secret(line: str, shown: str) -> None:
    assert covered_line(line) == shown


def test_a_value_is_shown_without_what_is_secret() -> None:
    assert covered("check_password", "hunter2") == "•••"
    assert covered("check_password", "") == ""
    assert covered("also_check", "redis password=hunter2") == "redis password=•••"
    assert covered("check_user", "hunter2") == "hunter2"


def test_also_check_is_secret_only_with_a_password_or_a_secret_in_it() -> None:
    assert has_secret("redis password=x")
    assert has_secret("smtp; radius secret='x y'")
    assert not has_secret("http path=/password")
    assert not has_secret(None)


def test_every_key_that_sounds_secret_is_one() -> None:
    names = {name for place in BlockKind for name in KEYWORDS[place]}
    assert {name for name in names if "password" in name or "secret" in name} == SECRET_KEYS


@pytest.mark.parametrize("key", sorted(WITHHELD_KEYS))
def test_who_may_only_look_sees_nothing_of_what_may_be_a_secret(key: str) -> None:
    assert withheld(key, "hunter2") is None
    assert withheld(key, "") == ""


@pytest.mark.parametrize(
    ("key", "text", "shown"),
    [
        ("also_check", "http path=/x headers='X-Key: hunter2' port=80", "http path=/x headers=•••"),
        ("also_check", "smtp; redis password='a''b hunter2'; ping", "smtp; redis password=•••"),
        ("also_check", "send send='AUTH hunter2' expect=OK", "send send=•••"),
        ("also_check", "program program='x hunter2'", "program program=•••"),
        ("also_check", "http pasword=hunter2", "http pasword=•••"),
        ("also_check", "http path=/x?token=hunter2", "http path=/x?•••"),
        ("also_check", "http path=/ready port=8080 expect=OK; ping", "http path=/ready port=8080 expect=OK; ping"),
        ("check_path", "/health?key=hunter2", "/health?•••"),
        ("check_path", "/health", "/health"),
        ("check_user", "monitor:hunter2", "monitor:•••"),
        ("check_user", "monitor", "monitor"),
        ("expect", "OK?", "OK?"),
    ],
)
def test_who_may_only_look_sees_the_rest(key: str, text: str, shown: str) -> None:
    assert withheld(key, text) == shown


def test_sentences_and_summaries_are_shown_without_what_may_be_a_secret() -> None:
    said = "HTTP GET /health?key=hunter2 from 192.0.2.1 port 80: status 401. Why?"
    assert withheld_in_message(said) == "HTTP GET /health?••• from 192.0.2.1 port 80: status 401. Why?"
    summary = "web: port 80 → 81, check_headers X: hunter2 → blank, weight 1 → 2"
    assert withheld_in_summary(summary) == "web: port 80 → 81, check_headers •••"
    assert withheld_in_summary("send: port 80 → 81") == "send: port 80 → 81"


def test_a_long_text_is_covered_in_one_pass() -> None:
    begun = time.process_time()
    for text in ("a" * 300_000, "a " * 150_000, "/" * 300_000, "=" * 300_000, "'" * 300_000, " #" * 150_000):
        withheld("also_check", text)
        withheld_in_message(f"{text}?")
        withheld_in_summary(text)
        covered_line(text)
        also_checks(text)
    # The square of the length takes minutes.
    assert time.process_time() - begun < 30
