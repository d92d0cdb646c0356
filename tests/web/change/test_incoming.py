"""A key that stands twice in a JSON object, however large the object is."""

import time
from io import BytesIO

import pytest
from flask import Flask

from app.settings import Settings
from app.store import Scope, Store
from app.web.change.incoming import once
from tests.web.clusters import save_cluster
from tests.web.person import Person
from tests.web.program import program

KEYS = 40_000
ENOUGH_S = 20.0
"""Linear, it is a hundredth of that; quadratic, minutes."""


def pairs(count: int) -> list[tuple[str, int]]:
    return [(f"k{number}", 0) for number in [*range(count), count - 1]]


def body(count: int) -> bytes:
    return ("{" + ",".join(f'"{name}":{value}' for name, value in pairs(count)) + "}").encode()


def test_the_first_key_that_comes_again_is_named() -> None:
    with pytest.raises(ValueError, match="'b' occurs twice"):
        once([("a", 1), ("b", 2), ("c", 3), ("c", 4), ("b", 5)])


def test_a_key_twice_among_many_is_found_in_one_pass() -> None:
    begun = time.process_time()
    with pytest.raises(ValueError, match="occurs twice"):
        once(pairs(10 * KEYS))
    assert time.process_time() - begun < ENOUGH_S


def test_an_operator_holds_no_thread_with_a_key_twice(app: Flask, settings: Settings, store: Store) -> None:
    save_cluster(settings, store)
    operator = program(app, store, Scope.OPERATE)
    begun = time.process_time()
    answer = operator.client.post(
        "/api/look", data=body(KEYS), headers=operator.headers, content_type="application/json"
    )
    assert time.process_time() - begun < ENOUGH_S
    assert answer.status_code == 400
    assert "occurs twice" in answer.text


def test_an_import_with_a_key_twice_is_refused_as_quickly(admin: Person) -> None:
    begun = time.process_time()
    sent = {"csrf_token": admin.token_on("/transfer"), "file": (BytesIO(body(KEYS)), "lvs.json")}
    answer = admin.client.post("/transfer", data=sent, content_type="multipart/form-data")
    assert time.process_time() - begun < ENOUGH_S
    assert "occurs twice" in answer.text
