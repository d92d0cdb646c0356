"""A program adopts an unmanaged service."""

from typing import Any

import pytest
from flask import Flask

from app.settings import Settings
from app.store import Scope, Store
from tests.web.clusters import Ids, save_cluster
from tests.web.program import Program, program
from tests.web.pulse_double import PulseDouble

SERVICE = "tcp 192.168.26.99:99"
SENT = {"service": SERVICE, "name": "found", "address": "192.168.26.99 eth0:9"}


@pytest.fixture
def boss(app: Flask, store: Store) -> Program:
    return program(app, store, Scope.ADMIN, "boss")


@pytest.fixture
def ids(settings: Settings, store: Store) -> Ids:
    return save_cluster(settings, store)


def test_it_becomes_a_virtual_server(boss: Program, ids: Ids, pulse: PulseDouble, store: Store) -> None:
    answer = boss.send("POST", "/api/adopt", SENT)
    assert answer.status_code == 201, answer.text
    row = store.snapshot().virtual[-1]
    assert (answer.get_json()["id"], row.virtual.name, len(row.servers)) == (row.id, "found", 2)
    assert store.revisions(1)[0].author == "boss (token)"


@pytest.mark.parametrize(
    ("changes", "code", "says"),
    [
        ({"service": "tcp 192.0.2.250:1"}, 404, "is not an unmanaged service"),
        ({"service": "x"}, 422, "is not a service"),
        ({"service": 5}, 422, "service is missing or not a string"),
        ({"address": "192.168.26.98 eth0:9"}, 422, "must be the address"),
        ({"address": "192.168.26.99"}, 422, "address and a device are accepted"),
        ({"address": "192.168.26.99 nosuch0"}, 422, "does not exist on this machine"),
        ({"colour": "red"}, 422, "'colour' is not a key"),
        ({"name": None}, 422, "name"),
    ],
)
def test_what_cannot_be_is_refused_with_the_reason(
    boss: Program, ids: Ids, pulse: PulseDouble, store: Store, changes: dict[str, Any], code: int, says: str
) -> None:
    answer = boss.send("POST", "/api/adopt", {**SENT, **changes})
    assert answer.status_code == code, answer.text
    assert says in answer.text
    assert store.snapshot().serial_no == 1


def test_without_pulse_nothing_can_be_adopted(boss: Program, ids: Ids) -> None:
    assert boss.send("POST", "/api/adopt", SENT).status_code == 503
