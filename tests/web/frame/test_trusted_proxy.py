"""What a proxy in front says of the client is believed of a trusted proxy, and of nobody else."""

from dataclasses import replace
from ipaddress import ip_network

import pytest
from flask import Flask, Response, request
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.settings import Network, Settings
from app.store import Store
from app.web.factory import create_app
from app.web.frame.trusted_proxy import client_behind
from tests.web.browsing import ADMIN

PROXIES: tuple[Network, ...] = (ip_network("192.0.2.0/28"), ip_network("2001:db8:ffff::/48"))
PROXY = "192.0.2.1"


@pytest.fixture
def proxied(settings: Settings, store: Store) -> Flask:
    """The application behind proxies."""
    return create_app(replace(settings, trusted_proxy=PROXIES), store)


def who(app: Flask, remote: str, **headers: str) -> list[str | None]:
    """Return the address, the scheme and the host of a request as the application sees it."""
    seen: list[str | None] = []

    def note(response: Response) -> Response:
        seen.extend([request.remote_addr, request.scheme, request.host])
        return response

    app.after_request(note)
    ask(app.test_client(), "/health", remote, **headers)
    return seen


def ask(client: FlaskClient, path: str, remote: str, **headers: str) -> TestResponse:
    named = {f"X-Forwarded-{name}": text for name, text in headers.items()}
    return client.get(path, headers=named, environ_base={"REMOTE_ADDR": remote})


@pytest.mark.parametrize(
    ("forwarded_for", "client"),
    [
        ("", PROXY),
        ("203.0.113.9", "203.0.113.9"),
        ("203.0.113.9:4711", "203.0.113.9"),
        ("2001:db8::9", "2001:db8::9"),
        ('"[2001:db8::9]:4711"', "2001:db8::9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        # What the client itself said stands before what the proxy appended.
        ("127.0.0.1, 203.0.113.9", "203.0.113.9"),
        ("198.51.100.1, 203.0.113.9, 192.0.2.2", "203.0.113.9"),
        ("203.0.113.9,2001:db8:ffff::1 ,192.0.2.2", "203.0.113.9"),
        # Somebody on a proxy's machine.
        ("192.0.2.3, 192.0.2.2", "192.0.2.3"),
        # A proxy that does not say who asked it is who asks.
        ("203.0.113.9, unknown, 192.0.2.2", "192.0.2.2"),
        ("203.0.113.9, ", PROXY),
        ("203.0.113.9, _hidden", PROXY),
        ("," * 1000, PROXY),
    ],
)
def test_the_client_is_the_last_address_that_is_no_proxys(forwarded_for: str, client: str) -> None:
    assert client_behind(PROXY, forwarded_for, PROXIES) == client


@pytest.mark.parametrize("remote", [PROXY, "::ffff:192.0.2.1", "2001:db8:ffff::7"])
def test_what_a_trusted_proxy_says_is_believed(proxied: Flask, remote: str) -> None:
    found = who(proxied, remote, For="203.0.113.9", Proto="https", Host="localhost:8443")
    assert found == ["203.0.113.9", "https", "localhost:8443"]


@pytest.mark.parametrize("remote", ["203.0.113.9", "127.0.0.1", "192.0.2.16", "2001:db8::1"])
def test_what_anybody_else_says_changes_nothing(proxied: Flask, remote: str) -> None:
    found = who(proxied, remote, For="198.51.100.1", Proto="https", Host="evil.example")
    assert found == [remote, "http", "localhost"]


def test_without_a_trusted_proxy_nobody_is_believed(app: Flask) -> None:
    found = who(app, "127.0.0.1", For="198.51.100.1", Proto="https", Host="evil.example")
    assert found == ["127.0.0.1", "http", "localhost"]


def test_a_word_for_the_scheme_that_is_none_changes_nothing(proxied: Flask) -> None:
    assert who(proxied, PROXY, Proto="javascript")[1] == "http"


def test_the_host_a_proxy_names_has_to_be_ours(proxied: Flask) -> None:
    answer = ask(proxied.test_client(), "/login", PROXY, Host="evil.example")
    assert answer.status_code == 400
    assert "PALOMETA_TRUSTED_HOSTS" in answer.text


def test_a_client_that_comes_by_ipv6_and_ipv4_has_one_address(app: Flask) -> None:
    assert who(app, "::ffff:203.0.113.9")[0] == "203.0.113.9"


def test_who_guesses_behind_a_proxy_does_not_keep_out_the_others_behind_it(proxied: Flask) -> None:
    def sign_in(remote: str) -> int:
        client = proxied.test_client()
        text = ask(client, "/login", PROXY, For=remote).text
        token = text.partition('name="csrf_token" value="')[2].partition('"')[0]
        form = {"csrf_token": token, "name": "somebody", "password": "wrong"}
        headers = {"X-Forwarded-For": remote}
        return client.post("/login", data=form, headers=headers, environ_base={"REMOTE_ADDR": PROXY}).status_code

    assert ADMIN != "somebody"
    guesses = [sign_in("203.0.113.9") for _ in range(4)]
    assert (guesses[0], guesses[-1]) == (401, 429)
    assert sign_in("203.0.113.10") == 401
