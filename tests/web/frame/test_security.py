"""What every answer carries, which requests are refused before any page sees them."""

from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask, abort

from app.settings import Settings
from app.store import Store
from app.web.factory import create_app
from app.web.frame.security import BODY_MAX
from tests.web.person import Person
from tests.web.pulse_double import PulseDouble

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
)
ADDRESSES = [
    "/control",
    "/login",
    "/health",
    "/nowhere",
    "/logout",
    "/static/palometa.css",
    "/static/no.css",
    "/fails",
]


@pytest.fixture
def failing_app(app: Flask) -> Flask:
    """The application with a page that fails."""
    app.add_url_rule("/fails", "auth.login2", lambda: abort(500))
    return app


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_answer_has_the_protecting_headers(failing_app: Flask, admin: Person, address: str) -> None:
    headers = admin.get(address).headers
    assert headers["Content-Security-Policy"] == POLICY
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.parametrize("address", ADDRESSES)
def test_nothing_is_stored_by_the_browser(failing_app: Flask, admin: Person, address: str) -> None:
    assert admin.get(address).headers["Cache-Control"] == "no-store"


def test_a_fingerprinted_file_is_kept_for_good_and_a_missing_one_is_not(anybody: Person) -> None:
    assert "immutable" in anybody.get("/static/palometa.css?v=1").headers["Cache-Control"]
    assert anybody.get("/static/none.css?v=1").headers["Cache-Control"] == "no-store"


def test_no_page_needs_a_script_or_a_style_inside_it(admin: Person, pulse: PulseDouble) -> None:
    for address in ("/control", "/password"):
        text = admin.get(address).text
        assert "<style" not in text
        assert " style=" not in text
        assert " onclick=" not in text
        assert text.count("<script") == text.count("<script src=")


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:3636", "127.0.0.1:3636", "[::1]:3636", "192.168.26.2:3636", "[2001:db8::2]"]
)
def test_it_answers_to_its_own_names_and_to_addresses(anybody: Person, host: str) -> None:
    assert anybody.get("/login", Host=host).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "", "a b", "[::1"]
)
def test_it_refuses_a_name_that_is_not_its_own(anybody: Person, host: str) -> None:
    answer = anybody.get("/login", Host=host)
    assert answer.status_code == 400
    assert "PALOMETA_TRUSTED_HOSTS" in answer.text


def test_a_name_from_the_settings_is_its_own(settings: Settings, store: Store) -> None:
    named = replace(settings, trusted_hosts=("lvs1.Example",), public_url="https://lvs.example/")
    client = create_app(named, store).test_client()
    for host in ("lvs1.example", "lvs.example"):
        assert client.get("/login", headers={"Host": host}).status_code == 200


def test_a_request_that_is_too_large_is_refused(anybody: Person) -> None:
    token = anybody.token_on("/login")
    answer = anybody.client.post("/login", data={"csrf_token": token, "name": "x" * BODY_MAX})
    assert answer.status_code == 413
    assert "1 MiB" in answer.text


def test_cookies_are_kept_from_scripts_and_other_sites(anybody: Person) -> None:
    (cookie,) = anybody.get("/login").headers.getlist("Set-Cookie")
    assert cookie.startswith("palometa-form=")
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Secure" not in cookie


def test_routers_at_two_ports_of_one_host_have_cookies_of_their_own(settings: Settings, store: Store) -> None:
    client = create_app(replace(settings, port=3638), store).test_client()
    (cookie,) = client.get("/login").headers.getlist("Set-Cookie")
    assert cookie.startswith("palometa-form-3638=")


def test_over_tls_cookies_are_secure_and_bound_to_the_host(settings: Settings, store: Store) -> None:
    secured = replace(settings, tls_certificate=Path("/c"), tls_key=Path("/k"))
    client = create_app(secured, store).test_client()
    (cookie,) = client.get("/login", base_url="https://localhost").headers.getlist("Set-Cookie")
    assert cookie.startswith("__Host-palometa-form=")
    assert "Secure" in cookie
    assert "Domain" not in cookie
    assert "Path=/;" in cookie or cookie.endswith("Path=/")
