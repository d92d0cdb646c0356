"""The page API TOKENS: a person makes tokens for programs, and revokes them."""

import re

import pytest
from flask import Flask

from app.store import Scope, Store
from tests.web.person import Person
from tests.web.program import Program

SHOWN = re.compile(r"palometa_[\w-]{43}")


def make(admin: Person, **changed: str) -> str:
    answer = admin.send("/tokens", {"name": "deploy", "scope": "operate", "days": "30", **changed})
    assert answer.status_code == 200, answer.text
    (token,) = SHOWN.findall(answer.text)
    return str(token)


def test_every_page_leads_to_it(admin: Person) -> None:
    assert 'href="/tokens"' in admin.get("/control").text


def test_a_token_is_shown_once_and_works(admin: Person, app: Flask, store: Store) -> None:
    token = make(admin)
    assert Program(app, token).get("/api/config").status_code == 200
    assert token not in admin.get("/tokens").text
    (kept,) = store.api_tokens.all()
    assert (kept.name, kept.scope, kept.made_by) == ("deploy", Scope.OPERATE, "admin")
    assert kept.expires_at is not None
    assert (kept.expires_at - kept.made_at).days == 30


def test_a_token_may_be_good_until_it_is_revoked(admin: Person, store: Store) -> None:
    make(admin, days="")
    assert store.api_tokens.all()[0].expires_at is None


def test_a_revoked_token_works_no_more(admin: Person, app: Flask, store: Store) -> None:
    token = make(admin)
    (kept,) = store.api_tokens.all()
    answer = admin.send(f"/tokens/{kept.id}/revoke", on="/tokens")
    assert "The token &#39;deploy&#39; was revoked" in admin.follow(answer).text
    assert Program(app, token).get("/api/config").status_code == 401
    again = admin.send(f"/tokens/{kept.id}/revoke", on="/tokens")
    assert "already revoked" in admin.follow(again).text


def test_a_name_that_is_taken_is_refused_beside_its_field(admin: Person, store: Store) -> None:
    make(admin)
    answer = admin.send("/tokens", {"name": "Deploy", "scope": "admin", "days": "30"})
    assert answer.status_code == 422
    assert "There is already a token &#39;Deploy&#39;" in answer.text
    assert not SHOWN.search(answer.text)
    assert len(store.api_tokens.all()) == 1


@pytest.mark.parametrize(
    "changed", [{"scope": "root"}, {"scope": ""}, {"days": "31"}, {"days": "-1"}, {"days": "x"}], ids=repr
)
def test_what_the_form_does_not_offer_is_refused(admin: Person, store: Store, changed: dict[str, str]) -> None:
    answer = admin.send("/tokens", {"name": "x", "scope": "read", "days": "30", **changed})
    assert answer.status_code == 400
    assert store.api_tokens.all() == []


def test_a_form_without_its_token_makes_none(admin: Person, store: Store) -> None:
    assert admin.client.post("/tokens", data={"name": "x", "scope": "admin", "days": ""}).status_code == 400
    assert store.api_tokens.all() == []


def test_a_token_does_not_open_the_pages(admin: Person, app: Flask) -> None:
    token = make(admin, scope="admin")
    assert Program(app, token).get("/control").status_code == 303
    assert Program(app, token).send("POST", "/tokens").status_code == 401


def test_a_name_is_shown_as_it_is(admin: Person) -> None:
    make(admin, name="<b>x</b>")
    assert "&lt;b&gt;x&lt;/b&gt;" in admin.get("/tokens").text
