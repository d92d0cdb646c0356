"""Every address, by every method, as everybody: the answers are those of the table in docs/security.md."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, inspect, text
from werkzeug.test import TestResponse

from app.settings import Settings
from app.store import Scope, Store
from app.web.frame.security import cookie_name
from tests.attack.access_table import SAFE, Who, access_table, filled_in, methods_of
from tests.web.browsing import ADMIN, PASSWORD
from tests.web.clusters import Ids, save_cluster
from tests.web.person import Person
from tests.web.program import DAY

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PURGE")
TABLE = access_table()
SCOPES = {Who.READ: Scope.READ, Who.OPERATE: Scope.OPERATE, Who.ADMIN: Scope.ADMIN}
WIDER = {Who.READ: set(SCOPES), Who.OPERATE: {Who.OPERATE, Who.ADMIN}, Who.ADMIN: {Who.ADMIN}}
"""Whose tokens may do what a scope may."""
BOOKKEEPING = {"login_attempts", "sessions"}
"""Tables that say who knocked, and change with every knock."""
NOTES = {"used_at", "used_from"}


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who sends requests. `form_token` is None for who has none."""

    who: Who
    client: FlaskClient
    headers: dict[str, str]
    form_token: str | None = None

    def send(self, method: str, address: str) -> TestResponse:
        """Send a request that would change something if it were let through."""
        fields = {"name": "planted", "password": "planted planted planted", "action": "delete"}
        if self.form_token:
            fields["csrf_token"] = self.form_token
        return self.client.open(address, method=method, headers=self.headers, data=fields)

    def may(self, method: str, access: Who) -> bool:
        """Return whether the table lets this caller do it."""
        if access in WIDER:
            return self.who in WIDER[access]
        is_known = access is Who.ANYBODY or self.who is access is Who.SIGNED_IN
        return is_known and (method in SAFE or self.form_token is not None)


@pytest.fixture
def ids(settings: Settings, store: Store) -> Ids:
    return save_cluster(settings, store)


@pytest.fixture
def caller(request: pytest.FixtureRequest, app: Flask, store: Store, settings: Settings) -> Caller:
    who, has_form_token = request.param
    if who in SCOPES:
        token = store.api_tokens.make("deploy", SCOPES[who], DAY, "anna")
        client = app.test_client(use_cookies=False)
        return Caller(who, client, {"Authorization": f"Bearer {token}"})
    client = app.test_client()
    if who is Who.SIGNED_IN:
        user = store.users.verify(ADMIN, PASSWORD)
        assert user
        client.set_cookie(cookie_name(settings, "session"), store.sessions.open(user, "127.0.0.1"))
    return Caller(who, client, {}, Person(client).token_on("/password") if has_form_token else None)


def contents(settings: Settings) -> dict[str, list[tuple[object, ...]]]:
    """Return all that the database holds but who knocked at the door, and lvs.cf."""
    engine = create_engine(settings.database_url)
    with engine.connect() as connection:
        tables = {
            name: [column["name"] for column in inspect(engine).get_columns(name) if column["name"] not in NOTES]
            for name in inspect(engine).get_table_names()
            if name not in BOOKKEEPING
        }
        held = {
            name: [tuple(row) for row in connection.execute(text(f"SELECT {', '.join(columns)} FROM {name}"))]
            for name, columns in tables.items()
        }
    engine.dispose()
    return {**held, "lvs.cf": [(settings.lvs_cf.read_bytes(),)]}


def cells(app: Flask) -> Iterator[tuple[str, str, bool]]:
    """Yield each address and method, and whether the address takes that method at all."""
    for address, methods in methods_of(app).items():
        for method in METHODS:
            yield address, method, method in methods


def verdict(answer: TestResponse) -> str:
    """Return what an answer says about permission: in, sign in first, no form token, forbidden, no such method."""
    if answer.status_code == 303 and answer.location.startswith("/login?next="):
        return "refused"
    if answer.status_code == 400 and "form is no longer valid" in answer.text:
        return "refused"
    return {401: "refused", 403: "refused", 405: "no such method"}.get(answer.status_code, "in")


EVERYBODY = pytest.mark.parametrize(
    "caller",
    [(Who.ANYBODY, False), (Who.SIGNED_IN, False), *((who, False) for who in SCOPES)],
    indirect=True,
    ids=["anybody", "signed in without a form token", *SCOPES],
)


def test_every_address_stands_in_the_table_with_what_it_takes(app: Flask) -> None:
    methods = methods_of(app)
    assert set(TABLE) == set(methods), "docs/security.md and the routes differ"
    for address, access in TABLE.items():
        takes = methods[address]
        assert (access.look is not Who.NOBODY) == ("GET" in takes), address
        assert (access.change is not Who.NOBODY) == bool(takes & {"POST", "PUT", "PATCH", "DELETE"}), address


@EVERYBODY
def test_who_may_not_is_refused_and_changes_nothing(
    app: Flask, settings: Settings, ids: Ids, caller: Caller
) -> None:
    before, wrong = contents(settings), []
    for address, method, is_taken in cells(app):
        if caller.may(method, TABLE[address].to(method)) and is_taken:
            continue
        answer = caller.send(method, filled_in(address, ids))
        allowed = {"refused"} if is_taken else {"refused", "no such method"}
        if verdict(answer) not in allowed or answer.status_code >= 500:
            wrong.append(f"{method} {address}: {answer.status}")
    assert wrong == []
    assert contents(settings) == before


@EVERYBODY
def test_who_may_look_is_let_in_and_changes_nothing(
    app: Flask, settings: Settings, ids: Ids, caller: Caller
) -> None:
    before, wrong = contents(settings), []
    for address, method, is_taken in cells(app):
        if method not in SAFE or not (is_taken and caller.may(method, TABLE[address].to(method))):
            continue
        answer = caller.send(method, filled_in(address, ids))
        if verdict(answer) != "in" or (answer.status_code >= 500 and answer.status_code != 503):
            wrong.append(f"{method} {address}: {answer.status}")
    assert wrong == []
    assert contents(settings) == before
