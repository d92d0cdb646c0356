"""The whole configuration for programs: out, and in again."""

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from app.lvs.formats.config_json import from_json, to_json
from app.lvs.grammar.reader import parse
from app.lvs.model.config import Config
from app.settings import Settings
from app.store import Scope, Store
from app.web.api.endpoints import ENDPOINTS
from tests.web.clusters import WEB, save, save_cluster
from tests.web.program import Program, program

SECRET = replace(
    WEB,
    name="secret",
    address=None,
    active=False,
    check_password="hunter2-one",
    also_check="smtp password=hunter2-two",
    server=(),
)


@pytest.fixture
def boss(app: Flask, store: Store) -> Program:
    return program(app, store, Scope.ADMIN, "boss")


def document_of(store: Store) -> dict[str, Any]:
    return to_json(store.snapshot().config)


def test_it_gives_the_configuration_as_json(boss: Program, settings: Settings, store: Store) -> None:
    save_cluster(settings, store)
    answer = boss.get("/api/config")
    document = answer.get_json()
    assert answer.content_type == "application/json"
    assert document["virtual"][0]["address"] == "192.168.26.10 eth0:1"
    assert document["virtual"][0]["server"][1]["weight"] == 1
    assert from_json(document) == store.snapshot().config


def test_it_is_not_sent_again_while_the_serial_is_the_same(
    boss: Program, settings: Settings, store: Store
) -> None:
    ids = save_cluster(settings, store)
    tag = boss.get("/api/config").headers["ETag"]
    assert tag == f'"{store.snapshot().serial_no}"'
    assert boss.get("/api/config", If_None_Match=tag).status_code == 304
    boss.send("POST", f"/api/virtual/{ids.web}/deactivate")
    assert boss.get("/api/config", If_None_Match=tag).status_code == 200


def test_lvs_cf_is_given_byte_for_byte(boss: Program, settings: Settings, store: Store) -> None:
    save_cluster(settings, store)
    assert boss.get("/api/lvs.cf").data == settings.lvs_cf.read_bytes()


def test_ipvsadm_gets_what_the_configuration_asks_for(boss: Program, settings: Settings, store: Store) -> None:
    save_cluster(settings, store)
    assert boss.get("/api/ipvsadm").text.startswith("-A -t 192.168.26.10:80 -s wlc\n")
    save_cluster(settings, store, replace(WEB, name="twin"))
    assert boss.get("/api/ipvsadm").status_code == 409


@pytest.mark.parametrize("address", ["/api/config", "/api/lvs.cf", "/api/virtual"])
@pytest.mark.parametrize("scope", list(Scope))
def test_secrets_are_given_to_the_scope_admin_only(
    app: Flask, settings: Settings, store: Store, address: str, scope: Scope
) -> None:
    save_cluster(settings, store, SECRET)
    answer = program(app, store, scope).get(address)
    assert "192.168.26.10" in answer.text
    assert ("hunter2-one" in answer.text) == (scope is Scope.ADMIN)
    assert ("hunter2-two" in answer.text) == (scope is Scope.ADMIN)
    left_out = None if scope is Scope.ADMIN else "also_check, check_password"
    assert answer.headers.get("Palometa-Left-Out") == left_out
    assert "check_password" not in answer.text or scope is Scope.ADMIN


HIDDEN = """serial_no = 1
# the old one was HIDDEN1
webhook = "https://chat.example.com/HIDDEN2"
virtual web {
     active = 0
     # check_password = "HIDDEN3"
     check_password = "HIDDEN4"
     check_password = "HIDDEN5"
     check_pasword = "HIDDEN6"
     check_headers = "Authorization: Bearer HIDDEN7"
     also_check = "http headers='X-Key: HIDDEN8'"
     also_check = "http path=/x headers='X-Key: HIDDEN9'; redis password=HIDDEN10"
     send = "AUTH HIDDEN11\\r\\n"
     expect = "OK"
     send_program = "ask HIDDEN12"
     start_cmd = /bin/HIDDEN13
     check_path = "/health?token=HIDDEN14"
     port = 80
     server one {
          # HIDDEN15
          address = 192.0.2.1
          pasword = HIDDEN16
     }
}
"""


@pytest.mark.parametrize("scope", [Scope.READ, Scope.OPERATE])
def test_nothing_that_may_be_a_secret_is_given_in_any_form(
    app: Flask, settings: Settings, store: Store, scope: Scope
) -> None:
    config = parse(HIDDEN.encode()).config
    assert config is not None
    save(settings, store, config)
    boss, looker = program(app, store, Scope.ADMIN, "boss"), program(app, store, scope)
    virtual = store.snapshot().virtual[0]
    boss.change("PATCH", f"/api/virtual/{virtual.id}", {"check_headers": "X: HIDDEN17"})
    assert "HIDDEN17" in boss.get("/api/history").text
    paths = [endpoint.path for endpoint in ENDPOINTS if endpoint.method == "GET"]
    for path in paths:
        address = path.format(virtual_id=virtual.id, server_id=virtual.servers[0].id)
        assert "HIDDEN" not in looker.get(address).text, address
    assert all(f"HIDDEN{number}" in boss.get("/api/lvs.cf").text for number in (1, 3, 4, 6, 8, 11, 15, 16))
    answer = looker.get("/api/lvs.cf")
    assert "comments" in answer.headers["Palometa-Left-Out"]
    assert "check_headers" in answer.headers["Palometa-Left-Out"]
    assert "expect = " in answer.text
    assert parse(answer.data).config is not None


def test_a_document_takes_the_place_of_the_whole(boss: Program, settings: Settings, store: Store) -> None:
    ids = save_cluster(settings, store)
    document = document_of(store)
    document["virtual"][0]["server"][0]["weight"] = 7
    del document["virtual"][1]
    answer = boss.change("PUT", "/api/config", document, seen='"1"')
    assert answer.status_code == 200, answer.text
    assert answer.json
    assert answer.json["serial_no"] == 2
    assert answer.json["said"].startswith("saved 2")
    assert answer.headers["ETag"] == '"2"'
    (web,) = store.snapshot().virtual
    assert web.id == ids.web
    assert web.servers[0].server.weight == 7
    written = parse(settings.lvs_cf.read_bytes()).config
    assert written == store.snapshot().config


def test_the_author_in_the_history_is_the_token(boss: Program, settings: Settings, store: Store) -> None:
    save_cluster(settings, store)
    boss.change("PUT", "/api/config", {**document_of(store), "udp_timeout": 60})
    assert store.revisions(1)[0].author == "boss (token)"
    assert {change.remote for change in store.audit(1)} == {"127.0.0.1"}


def test_what_changes_nothing_makes_no_serial(boss: Program, settings: Settings, store: Store) -> None:
    save_cluster(settings, store)
    answer = boss.change("PUT", "/api/config", document_of(store))
    assert answer.json
    assert (answer.status_code, answer.json["is_changed"], answer.json["serial_no"]) == (200, False, 1)
    assert store.snapshot().serial_no == 1


def test_without_if_match_nothing_is_changed(boss: Program, settings: Settings, store: Store) -> None:
    save_cluster(settings, store)
    assert boss.send("PUT", "/api/config", {}).status_code == 428
    assert store.snapshot().serial_no == 1


@pytest.mark.parametrize("seen", ['"0"', '"2"', '"99999999999999999999"', '"x"', 'W/"1"', '""', '"١"'])
def test_an_if_match_of_another_serial_changes_nothing(
    boss: Program, settings: Settings, store: Store, seen: str
) -> None:
    save_cluster(settings, store)
    answer = boss.change("PUT", "/api/config", {}, seen=seen.encode("utf-8").decode("latin-1"))
    assert answer.status_code == 412
    assert answer.json
    assert answer.json["serial_no"] == 1
    assert store.snapshot().serial_no == 1


def test_of_two_writers_who_saw_the_same_one_is_told(boss: Program, settings: Settings, store: Store) -> None:
    save_cluster(settings, store)
    document = document_of(store)
    first = boss.change("PUT", "/api/config", {**document, "udp_timeout": 60}, seen='"1"')
    second = boss.change("PUT", "/api/config", {**document, "udp_timeout": 90}, seen='"1"')
    assert (first.status_code, second.status_code) == (200, 412)
    assert store.snapshot().config.udp_timeout == 60


def test_a_hand_edited_lvs_cf_is_not_overwritten(boss: Program, settings: Settings, store: Store) -> None:
    save_cluster(settings, store)
    document = {**document_of(store), "udp_timeout": 60}
    settings.lvs_cf.write_bytes(settings.lvs_cf.read_bytes() + b"# mine\n")
    answer = boss.change("PUT", "/api/config", document)
    assert answer.status_code == 409
    assert answer.json
    assert "/by-hand" in answer.json["advice"]
    assert settings.lvs_cf.read_bytes().endswith(b"# mine\n")
    assert store.snapshot().serial_no == 1


def test_every_problem_is_told_with_its_path(boss: Program, settings: Settings, store: Store) -> None:
    save_cluster(settings, store)
    document = document_of(store)
    document["nonsense"] = 1
    document["virtual"][0]["server"][1]["weight"] = "heavy"
    answer = boss.change("PUT", "/api/config", document)
    assert answer.status_code == 422
    assert answer.json
    paths = [problem["path"] for problem in answer.json["problems"]]
    assert paths == [["nonsense"], ["virtual", 0, "server", 1, "weight"]]


def test_what_the_rules_refuse_is_not_saved(boss: Program, settings: Settings, store: Store) -> None:
    save_cluster(settings, store)
    document = document_of(store)
    document["virtual"].append({**document["virtual"][0], "name": "twin"})
    answer = boss.change("PUT", "/api/config", document)
    assert answer.status_code == 422
    assert answer.json
    assert answer.json["problems"][0]["path"][:2] == ["virtual", 2]
    assert store.snapshot().serial_no == 1


HOSTILE = [
    b"",
    b"{",
    b"[]",
    b'"text"',
    b"null",
    b"\xff\xfe",
    b'{"a": NaN}',
    b'{"udp_timeout": 1, "udp_timeout": 2}',
    b"[" * 100_000,
    b'{"a":' * 100_000,
    b'{"udp_timeout": ' + b"9" * 5000 + b"}",
]


@pytest.mark.parametrize("body", HOSTILE, ids=[repr(body[:20]) for body in HOSTILE])
def test_a_body_that_is_no_json_object_is_refused(boss: Program, store: Store, body: bytes) -> None:
    answer = boss.client.put(
        "/api/config", headers={**boss.headers, "If-Match": "*"}, data=body, content_type="application/json"
    )
    assert answer.status_code == 400
    assert answer.json
    assert answer.json["advice"]
    assert store.snapshot().serial_no == 0


WRONG: list[dict[str, Any]] = [
    {"virtual": {}},
    {"virtual": [1]},
    {"virtual": [{}]},
    {"virtual": [{"name": 1}]},
    {"virtual": [{"name": "a\nb"}]},
    {"virtual": [{"name": "\ud800"}]},
    {"virtual": [{"name": "x", "address": "\ud800 eth0:1"}]},
    {"virtual": [{"name": "x", "server": "y"}]},
    {"virtual": [{"name": "x", "port": True}]},
    {"virtual": [{"name": "x", "port": 1.5}]},
    {"virtual": [{"name": "x", "port": 10**30}]},
    {"virtual": [{"name": "x", "send": "\x00"}]},
    {"virtual": [{"name": "x", "scheduler": ["rr"]}]},
    {"virtual": [{"name": "x", "scheduler_flags": "sh-port"}]},
    {"serial_no": "x"},
    {"primary": "somewhere.example"},
    {"": 1},
]


@pytest.mark.parametrize("document", WRONG, ids=repr)
def test_wrong_types_and_unknown_keys_are_refused(boss: Program, store: Store, document: dict[str, Any]) -> None:
    answer = boss.change("PUT", "/api/config", document)
    assert answer.status_code == 422, answer.text
    assert answer.json
    assert "problems" in answer.json
    assert store.snapshot().serial_no == 0


@pytest.mark.parametrize(
    "mimetype", ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data", ""]
)
def test_another_content_type_is_refused(boss: Program, mimetype: str) -> None:
    answer = boss.client.put(
        "/api/config", headers={**boss.headers, "If-Match": "*"}, data=b"{}", content_type=mimetype
    )
    assert answer.status_code == 415


def test_a_body_that_is_too_large_is_refused(boss: Program, store: Store) -> None:
    body = b'{"a": "' + b"x" * (8 << 20) + b'"}'
    answer = boss.client.put(
        "/api/config", headers={**boss.headers, "If-Match": "*"}, data=body, content_type="application/json"
    )
    assert answer.status_code == 413
    assert answer.json
    assert store.snapshot().serial_no == 0


@pytest.mark.parametrize("address", ["/api/config", "/api/lvs.cf"])
def test_the_address_of_a_webhook_is_given_to_the_scope_admin_only(
    app: Flask, boss: Program, settings: Settings, store: Store, address: str
) -> None:
    save(settings, store, Config(webhook="https://hooks.example/T0P"))
    answer = program(app, store, Scope.READ).get(address)
    assert "T0P" not in answer.text
    assert answer.headers["Palometa-Left-Out"] == "webhook"
    assert "T0P" in boss.get(address).text
