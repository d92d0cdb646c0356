"""Mail addresses, mail servers and webhooks as lvs.cf writes them; and the rules that say so."""

from dataclasses import replace

import pytest

from app.lvs.model.problem import Severity
from app.lvs.notify.recipients import (
    AddressRefused,
    WebhookAddress,
    helo_name,
    mail_addresses,
    mail_server,
    webhook,
)
from app.lvs.rules.rulebook import check, is_refused, judged_for_running
from tests.lvs.samples import config


def test_mail_addresses_have_commas_between_them() -> None:
    assert mail_addresses(" admin@example.com, root ,") == ("admin@example.com", "root")
    assert mail_addresses("") == ()


@pytest.mark.parametrize(
    "text", ["a@b@c", "Admin <a@b.c>", "a b@c.d", "a@b.c\r\nBcc: x@y.z", "a@b.c;d@e.f", "a@", "é@b.c", "a@b c"]
)
def test_what_is_no_mail_address_is_refused(text: str) -> None:
    with pytest.raises(AddressRefused, match="not a mail address"):
        mail_addresses(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("127.0.0.1:25", ("127.0.0.1", 25)),
        ("mail.example.com", ("mail.example.com", 25)),
        ("mail.example.com:587", ("mail.example.com", 587)),
        ("[::1]:2525", ("::1", 2525)),
        ("::1", ("::1", 25)),
        ("[2001:db8::1]", ("2001:db8::1", 25)),
    ],
)
def test_a_mail_server_is_a_host_and_perhaps_a_port(text: str, found: tuple[str, int]) -> None:
    assert mail_server(text) == found


@pytest.mark.parametrize("text", ["", "mail:0", "mail:99999", "mail:x", "a b", "[::1", ":25", "http://mail"])
def test_what_is_no_mail_server_is_refused(text: str) -> None:
    with pytest.raises(AddressRefused, match=r"not a mail server.*127\.0\.0\.1:25"):
        mail_server(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("http://chat", WebhookAddress(False, "chat", 80, "/")),
        ("https://chat.example.com/hook/abc?x=1", WebhookAddress(True, "chat.example.com", 443, "/hook/abc?x=1")),
        ("http://[::1]:8080/x", WebhookAddress(False, "::1", 8080, "/x")),
        ("HTTPS://Chat:8443", WebhookAddress(True, "chat", 8443, "/")),
    ],
)
def test_a_webhook_is_an_http_address(text: str, found: WebhookAddress) -> None:
    assert webhook(text) == found


@pytest.mark.parametrize(
    "text",
    ["", "chat", "ftp://a/", "file:///etc/passwd", "http://", "http://a:99999/", "http://a:0/", "http://a/ b",
     "http://a/\r\nX: y", "http://a/é", "http://[::1", "unix:/run/x"],
)  # fmt: skip
def test_what_is_no_webhook_is_refused(text: str) -> None:
    with pytest.raises(AddressRefused, match="not an http or https URL"):
        webhook(text)


def test_a_password_in_a_webhook_is_refused_and_not_repeated() -> None:
    with pytest.raises(AddressRefused) as refused:
        webhook("https://me:hidden@chat/")
    assert "hidden" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("mail_to", "nobody at all"),
        ("mail_from", "a@b.c,d@e.f"),
        ("mail_server", ":x"),
        ("webhook", "chat"),
        ("helo_name", "lb1"),
    ],
)
def test_an_address_that_is_none_is_refused_on_the_page_and_keeps_nothing_from_running(
    name: str, text: str
) -> None:
    wrong = replace(config(), **{"mail_to": "a@b.c", name: text})  # type: ignore[arg-type]
    problems = check(wrong)
    assert [(problem.path, problem.severity) for problem in problems] == [((name,), Severity.ERROR)]
    assert not is_refused(judged_for_running(wrong, problems))


def test_a_mail_server_without_anybody_to_mail_to_is_warned_of() -> None:
    (problem,) = check(replace(config(), mail_server="127.0.0.1:25"))
    assert (problem.path, problem.severity) == (("mail_to",), Severity.WARNING)


@pytest.mark.parametrize("text", ["lb.example.com", "lb-1.intern", "[192.0.2.2]", "[IPv6:2001:db8::2]"])
def test_a_full_name_or_an_address_in_brackets_is_a_name_for_mail_servers(text: str) -> None:
    assert helo_name(text) == text


@pytest.mark.parametrize(
    "text", ["", "lb1", "lb.", ".example.com", "lb example.com", "192.0.2.300]", "[192.0.2]", "[2001:db8::2]",
             "[IPv6:192.0.2.2]", "lb.exämple.com", "lb.example.com\r\nQUIT"],
)  # fmt: skip
def test_what_a_strict_mail_server_refuses_is_refused(text: str) -> None:
    with pytest.raises(AddressRefused, match="not a full name"):
        helo_name(text)
