"""HEAD is GET without a body: whatever comes with it, nothing is changed and nothing is counted."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from html.parser import HTMLParser

import pytest
from flask import Flask

from app.settings import Settings
from app.store import Store
from tests.web.browsing import ADMIN, PASSWORD
from tests.web.clusters import WEB, Ids
from tests.web.every_page import fill
from tests.web.person import Person

NEW = "a wholly different phrase"
TYPED = {"port": "4444", "name": ADMIN, "password": NEW, "again": NEW, "old": PASSWORD, "weight": "7"}
SAFE = {"GET", "HEAD", "OPTIONS"}


class Fields(HTMLParser):
    """What a browser would send of the forms of a page, whichever of them, but for the token."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("name")
        if tag in ("input", "button", "textarea") and name and name != "csrf_token":
            self.found[name] = given.get("value") or ""


def changing_addresses(app: Flask, ids: Ids, setup_token: str) -> Iterator[str]:
    """Yield the address of every page that takes a form."""
    given = {
        "row_id": ids.web,
        "server_id": ids.rs1,
        "serial_no": 2,
        "token_id": 1,
        "address": WEB.server[0].address,
        "token": setup_token,
    }
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        if "POST" in (rule.methods or ()) and not rule.endpoint.startswith("api."):
            yield adapter.build(rule.endpoint, {name: given[name] for name in rule.arguments})


def state(settings: Settings) -> tuple[list[str], bytes]:
    with closing(sqlite3.connect(settings.state_directory / "palometa.db")) as connection:
        return list(connection.iterdump()), settings.lvs_cf.read_bytes()


@pytest.fixture
def ids(settings: Settings, store: Store) -> Ids:
    return fill(settings, store)


def test_a_head_with_a_form_and_no_token_changes_nothing_anywhere(
    app: Flask, admin: Person, anybody: Person, settings: Settings, ids: Ids
) -> None:
    tried = []
    for address in changing_addresses(app, ids, "nobodys"):
        for person in (admin, anybody):
            fields = {**Fields(person.get(address).text).found, **TYPED}
            before = state(settings)
            answer = person.client.head(address, data=fields)
            assert state(settings) == before, address
            assert answer.data == b""
        tried.append(address)
    assert f"/virtual/{ids.web}/delete" in tried
    assert {"/login", "/password", "/global"} <= set(tried)


def test_a_head_of_the_set_up_link_makes_no_user(first_comer: Person, empty_store: Store) -> None:
    address = f"/setup/{empty_store.setup.issue()}"
    assert first_comer.client.head(address, data=TYPED).status_code == 200
    assert empty_store.users.is_empty()


def test_a_head_is_answered_as_a_get_without_its_body(admin: Person) -> None:
    shown, head = admin.get("/password"), admin.client.head("/password", data=TYPED)
    assert (head.status_code, head.data) == (shown.status_code, b"")
    assert head.headers["Content-Type"] == shown.headers["Content-Type"]


def test_every_other_method_a_page_takes_needs_the_token_of_a_form(app: Flask) -> None:
    taken = {
        method
        for rule in app.url_map.iter_rules()
        if not rule.endpoint.startswith("api.")
        for method in rule.methods or ()
    }
    assert taken - SAFE <= app.config["WTF_CSRF_METHODS"]
    assert app.config["WTF_CSRF_METHODS"] >= {"POST", "PUT", "PATCH", "DELETE", "CONNECT"}
