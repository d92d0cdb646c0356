"""What an operator's program does, and what stands in the configuration afterwards."""

from typing import Any

import pytest
from flask import Flask

from app.lvs.model.config import RealServer
from app.lvs.model.values import AdminState
from app.settings import Settings
from app.store import Scope, Store
from tests.web.clusters import Ids, save_cluster
from tests.web.program import Program, program
from tests.web.pulse_double import PulseDouble


@pytest.fixture
def operator(app: Flask, store: Store) -> Program:
    return program(app, store, Scope.OPERATE, "operator")


@pytest.fixture
def ids(settings: Settings, store: Store) -> Ids:
    return save_cluster(settings, store)


@pytest.fixture
def rs1(ids: Ids) -> str:
    return f"/api/virtual/{ids.web}/real/{ids.rs1}"


def stored(store: Store) -> RealServer:
    return store.snapshot().virtual[0].servers[0].server


def test_a_virtual_server_is_deactivated_and_activated(operator: Program, ids: Ids, store: Store) -> None:
    for word, is_active in (("deactivate", False), ("activate", True)):
        answer = operator.send("POST", f"/api/virtual/{ids.web}/{word}")
        assert answer.status_code == 200, answer.text
        assert store.snapshot().virtual[0].virtual.active is is_active
    assert store.revisions(1)[0].summary == "web: activated"


def test_a_real_server_is_deactivated_and_activated(operator: Program, rs1: str, store: Store) -> None:
    for word, is_active in (("deactivate", False), ("activate", True)):
        assert operator.send("POST", f"{rs1}/{word}").status_code == 200
        assert stored(store).active is is_active


def test_doing_it_twice_is_doing_it_once(operator: Program, rs1: str, store: Store) -> None:
    first = operator.send("POST", f"{rs1}/deactivate").get_json()
    second = operator.send("POST", f"{rs1}/deactivate").get_json()
    assert (first["is_changed"], second["is_changed"]) == (True, False)
    assert second["serial_no"] == store.snapshot().serial_no == 2


@pytest.mark.parametrize("word", ["drain", "maintenance"])
def test_a_server_is_drained_or_maintained_and_ready_again(
    operator: Program, rs1: str, store: Store, word: str
) -> None:
    order = {"until": "2199-01-31T22:00Z", "reason": "new disks"}
    answer = operator.send("POST", f"{rs1}/{word}", order)
    assert answer.status_code == 200, answer.text
    server = stored(store)
    assert (server.admin_state, server.admin_until, server.admin_reason) == (
        AdminState(word),
        "2199-01-31T22:00Z",
        "new disks",
    )
    assert operator.send("POST", f"{rs1}/ready").status_code == 200
    server = stored(store)
    assert (server.admin_state, server.admin_until, server.admin_reason) == (None, None, None)


def test_a_drain_needs_no_body(operator: Program, rs1: str, store: Store) -> None:
    assert operator.send("POST", f"{rs1}/drain").status_code == 200
    assert stored(store).admin_state is AdminState.DRAIN
    assert stored(store).admin_until is None


def test_a_weight_is_set(operator: Program, rs1: str, store: Store) -> None:
    assert operator.send("POST", f"{rs1}/weight", {"weight": 0}).status_code == 200
    assert stored(store).weight == 0


WRONG: list[tuple[str, Any]] = [
    ("drain", {"until": "tomorrow"}),
    ("drain", {"until": "1999-01-31T22:00Z"}),
    ("drain", {"until": 5}),
    ("drain", {"reason": ["x"]}),
    ("drain", {"reason": "a\nb"}),
    ("drain", {"reason": "\ud800"}),
    ("drain", {"why": "x"}),
    ("ready", {"until": None}),
    ("activate", {"active": True}),
    ("weight", {}),
    ("weight", {"weight": None}),
    ("weight", {"weight": "1"}),
    ("weight", {"weight": True}),
    ("weight", {"weight": -1}),
    ("weight", {"weight": 10**20}),
    ("weight", {"weight": 1, "active": True}),
]


@pytest.mark.parametrize(("word", "document"), WRONG, ids=repr)
def test_a_wrong_order_is_refused(operator: Program, rs1: str, store: Store, word: str, document: Any) -> None:
    answer = operator.send("POST", f"{rs1}/{word}", document)
    assert answer.status_code == 422, answer.text
    assert answer.json
    assert answer.json["problems"]
    assert store.snapshot().serial_no == 1


def test_a_form_in_the_place_of_json_is_refused(operator: Program, rs1: str, store: Store) -> None:
    answer = operator.client.post(f"{rs1}/weight", headers=operator.headers, data={"weight": "1"})
    assert answer.status_code == 415
    assert store.snapshot().serial_no == 1


def test_a_large_body_of_an_operator_is_refused(operator: Program, rs1: str) -> None:
    assert operator.send("POST", f"{rs1}/drain", {"reason": "x" * (2 << 20)}).status_code == 413


def test_an_unknown_server_is_not_found(operator: Program, ids: Ids) -> None:
    assert operator.send("POST", "/api/virtual/4711/activate").status_code == 404
    assert operator.send("POST", f"/api/virtual/{ids.web}/real/4711/drain").status_code == 404


def test_pulse_is_told_of_what_was_saved(operator: Program, rs1: str, pulse: PulseDouble) -> None:
    applied = pulse.report["applied"]
    assert applied is not None
    applied["serial_no"] = 2
    answer = operator.send("POST", f"{rs1}/drain").get_json()
    assert (answer["outcome"], answer["said"]) == ("ok", "saved 2 · applied 2")


def test_while_pulse_is_stopped_it_is_saved_and_said(operator: Program, rs1: str) -> None:
    answer = operator.send("POST", f"{rs1}/drain")
    assert answer.status_code == 200
    assert answer.get_json()["outcome"] == "warn"


def test_look_asks_pulse_to_look(operator: Program, ids: Ids, pulse: PulseDouble) -> None:
    applied = pulse.report["applied"]
    assert applied is not None
    applied["serial_no"] = 1
    answer = operator.send("POST", "/api/look")
    assert answer.status_code == 200
    assert answer.get_json()["said"] == "saved 1 · applied 1"


def test_look_while_pulse_is_stopped_is_refused(operator: Program, ids: Ids) -> None:
    answer = operator.send("POST", "/api/look")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
