"""Nobody comes in without a sign-in, wherever they knock."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from app.store import Store
from app.web.account.access import PUBLIC
from tests.web.browsing import ADMIN, PASSWORD
from tests.web.person import Person

ARGUMENT = re.compile(r"<(?:(\w+)(?:\(([^)]*)\))?:)?(\w+)>")
"""Of a rule: the kind of an argument, its choices, and its name."""
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def addresses(app: Flask) -> Iterator[tuple[Rule, str]]:
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        values = {name: example(kind, choices) for kind, choices, name in ARGUMENT.findall(rule.rule)}
        yield rule, adapter.build(rule.endpoint, values)


def example(kind: str, choices: str) -> str | int:
    if kind == "any":
        return choices.partition(",")[0].strip("'\" ")
    return 1 if kind in ("int", "id") else "x"


@pytest.mark.parametrize("method", METHODS)
def test_every_page_is_closed_to_who_is_not_signed_in(app: Flask, method: str) -> None:
    client = app.test_client()
    closed = 0
    for rule, address in addresses(app):
        if rule.endpoint in PUBLIC or method not in (rule.methods or ()):
            continue
        answer = client.open(address, method=method)
        closed += 1
        if method in ("GET", "HEAD") and answer.status_code == 303:
            assert answer.location.startswith("/login?next=")
        else:
            assert answer.status_code == 401, f"{method} {address} gave {answer.status}"
    assert closed or method in ("PUT", "PATCH", "DELETE")


def test_the_public_pages_are_these_and_no_others(app: Flask) -> None:
    assert set(PUBLIC) == {"static", "health.page", "auth.login", "auth.setup"}
    assert set(PUBLIC) <= set(app.view_functions)


def test_an_unknown_address_is_not_found_whoever_asks(anybody: Person, admin: Person) -> None:
    assert anybody.get("/nowhere").status_code == admin.get("/nowhere").status_code == 404


def test_a_session_that_was_closed_is_good_for_nothing(admin: Person, store: Store, session_token: str) -> None:
    assert admin.get("/control").status_code == 200
    store.sessions.close(session_token)
    assert admin.get("/control").status_code == 303


def test_a_token_nobody_gave_out_is_good_for_nothing(anybody: Person) -> None:
    anybody.client.set_cookie("palometa-session", "x" * 43)
    assert anybody.get("/control").status_code == 303


def test_a_form_of_another_sign_in_is_refused(
    app: Flask, admin: Person, client: FlaskClient, store: Store
) -> None:
    other = Person(app.test_client())
    user = store.users.verify(ADMIN, PASSWORD)
    assert user
    other.client.set_cookie("palometa-session", store.sessions.open(user, "127.0.0.1"))
    token = other.token_on("/password")
    planted = other.client.get_cookie("palometa-form")
    assert planted
    client.set_cookie("palometa-form", planted.value)
    answer = client.post("/logout", data={"csrf_token": token})
    assert answer.status_code == 400
    assert "form is no longer valid" in answer.text
    assert admin.get("/control").status_code == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_every_page_that_changes_something_wants_a_token(app: Flask, client: FlaskClient, method: str) -> None:
    for rule, address in addresses(app):
        if method in (rule.methods or ()):
            answer = client.open(address, method=method)
            if rule.endpoint.startswith("api."):
                assert answer.status_code == 401, f"{method} {address} takes the cookie"
                continue
            assert answer.status_code in (303, 400), f"{method} {address} gave {answer.status}"
            assert answer.status_code == 400 or rule.endpoint in PUBLIC


@pytest.mark.parametrize("token", [None, "", "x"])
def test_a_form_without_its_token_is_refused(admin: Person, token: str | None) -> None:
    data = {} if token is None else {"csrf_token": token}
    assert admin.client.post("/logout", data=data).status_code == 400
    assert admin.get("/control").status_code == 200
