"""Virtual and real servers for programs, one by one."""

import threading
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from app.settings import Settings
from app.store import Scope, Store
from tests.web.clusters import WEB, Ids, save_cluster
from tests.web.filled_form import press
from tests.web.person import Person
from tests.web.program import Program, program

SECRET = replace(WEB, name="secret", address=None, active=False, check_password="hunter2", server=())
NEW = {
    "name": "ftp",
    "active": True,
    "address": "192.168.26.12 eth0:3",
    "port": 21,
    "protocol": "tcp",
    "server": [{"name": "f1", "address": "192.168.26.41", "active": True, "weight": 1}],
}


@pytest.fixture
def boss(app: Flask, store: Store) -> Program:
    return program(app, store, Scope.ADMIN, "boss")


@pytest.fixture
def ids(settings: Settings, store: Store) -> Ids:
    return save_cluster(settings, store)


def test_the_list_has_the_ids_and_the_real_servers(boss: Program, ids: Ids) -> None:
    document = boss.get("/api/virtual").get_json()
    assert document["serial_no"] == 1
    assert [virtual["id"] for virtual in document["virtual"]] == [ids.web, ids.mail]
    assert [server["id"] for server in document["virtual"][0]["server"]] == [ids.rs1, ids.rs2]


def test_one_is_given_with_its_own_settings(boss: Program, ids: Ids) -> None:
    document = boss.get(f"/api/virtual/{ids.web}").get_json()
    assert (document["id"], document["name"], document["port"]) == (ids.web, "web", 80)
    assert "server" not in document
    real = boss.get(f"/api/virtual/{ids.web}/real").get_json()
    assert real["server"][0] == boss.get(f"/api/virtual/{ids.web}/real/{ids.rs1}").get_json()
    assert real["server"][0]["name"] == "rs1"


def test_a_virtual_server_is_added_with_its_real_servers(boss: Program, ids: Ids, store: Store) -> None:
    answer = boss.send("POST", "/api/virtual", NEW)
    assert answer.status_code == 201, answer.text
    assert answer.json
    row = store.snapshot().find_virtual(answer.json["id"])
    assert row is not None
    assert (row.position, row.virtual.name, row.servers[0].server.name) == (2, "ftp", "f1")


def test_what_get_gave_can_be_put(boss: Program, ids: Ids, store: Store) -> None:
    answer = boss.get(f"/api/virtual/{ids.web}")
    document = {**answer.get_json(), "port": 8080}
    del document["protocol"]
    put = boss.change("PUT", f"/api/virtual/{ids.web}", document, seen=answer.headers["ETag"])
    assert put.status_code == 200, put.text
    web = store.snapshot().virtual[0].virtual
    assert (web.port, web.protocol, len(web.server)) == (8080, None, 2)
    assert "port 80 → 8080" in store.revisions(1)[0].summary


def test_a_patch_changes_what_it_names_and_null_takes_out(boss: Program, ids: Ids, store: Store) -> None:
    answer = boss.change("PATCH", f"/api/virtual/{ids.web}", {"port": 8080, "protocol": None})
    assert answer.status_code == 200, answer.text
    web = store.snapshot().virtual[0].virtual
    assert (web.port, web.protocol, web.name, web.active) == (8080, None, "web", True)


def test_a_comment_of_the_file_stays(boss: Program, settings: Settings, store: Store, admin: Person) -> None:
    ids = save_cluster(settings, store)
    settings.lvs_cf.write_bytes(settings.lvs_cf.read_bytes().replace(b"port = 80\n", b"port = 80 # mine\n", 1))
    page = admin.get("/by-hand")
    press(admin, page, "IMPORT", form="import")
    boss.change("PATCH", f"/api/virtual/{ids.web}/real/{ids.rs1}", {"weight": 9})
    written = settings.lvs_cf.read_bytes()
    assert b"# mine" in written
    assert b"weight = 9" in written


def test_a_real_server_is_added_changed_and_deleted(boss: Program, ids: Ids, store: Store) -> None:
    where = f"/api/virtual/{ids.web}/real"
    added = boss.send("POST", where, {"name": "rs3", "address": "192.168.26.23", "weight": 1}).get_json()
    assert store.snapshot().virtual[0].servers[2].id == added["id"]
    url = f"{where}/{added['id']}"
    assert boss.change("PATCH", url, {"weight": 5}).status_code == 200
    assert store.snapshot().virtual[0].servers[2].server.weight == 5
    assert boss.change("PUT", url, {"name": "rs4", "address": "192.168.26.24"}).status_code == 200
    assert store.snapshot().virtual[0].servers[2].server.weight is None
    assert boss.change("DELETE", url).status_code == 200
    assert [row.id for row in store.snapshot().virtual[0].servers] == [ids.rs1, ids.rs2]


def test_a_deleted_virtual_server_is_told_by_whom(boss: Program, ids: Ids, store: Store) -> None:
    assert boss.change("DELETE", f"/api/virtual/{ids.web}", seen='"1"').status_code == 200
    assert [row.id for row in store.snapshot().virtual] == [ids.mail]
    for method, document in (("GET", None), ("PUT", {"name": "x"}), ("PATCH", {}), ("DELETE", None)):
        answer = boss.change(method, f"/api/virtual/{ids.web}", document)
        assert answer.status_code == 404
        assert "'web' was deleted by boss (token) with serial 2" in answer.json["error"]  # type: ignore[index]


def test_a_real_server_of_another_virtual_server_is_not_found(boss: Program, ids: Ids, store: Store) -> None:
    where = f"/api/virtual/{ids.mail}/real/{ids.rs1}"
    assert boss.get(where).status_code == 404
    assert boss.change("DELETE", where).status_code == 404
    assert boss.send("POST", f"{where}/drain").status_code == 404
    assert store.snapshot().serial_no == 1


@pytest.mark.parametrize("number", ["0", "99999", "2147483647", "2147483648", "-1", "x", "1.0", "٣"])
def test_an_id_nobody_has_is_not_found(boss: Program, ids: Ids, number: str) -> None:
    assert boss.get(f"/api/virtual/{number}").status_code == 404
    assert boss.change("PATCH", f"/api/virtual/{ids.web}/real/{number}", {}).status_code == 404


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_every_change_wants_if_match(boss: Program, ids: Ids, store: Store, method: str) -> None:
    document = None if method == "DELETE" else {"name": "x"}
    assert boss.send(method, f"/api/virtual/{ids.web}", document).status_code == 428
    assert boss.send(method, f"/api/virtual/{ids.web}/real/{ids.rs1}", document).status_code == 428
    assert store.snapshot().serial_no == 1


def test_two_writers_of_one_server_conflict(boss: Program, ids: Ids, store: Store) -> None:
    where = f"/api/virtual/{ids.web}/real/{ids.rs1}"
    first = boss.change("PATCH", where, {"weight": 5}, seen='"1"')
    second = boss.change("PATCH", where, {"weight": 6}, seen='"1"')
    assert (first.status_code, second.status_code) == (200, 412)
    assert store.snapshot().virtual[0].servers[0].server.weight == 5
    assert boss.change("PATCH", where, {"weight": 6}, seen=first.headers["ETag"]).status_code == 200


def test_two_writers_of_two_servers_do_not_conflict(boss: Program, ids: Ids, store: Store) -> None:
    first = boss.change("PATCH", f"/api/virtual/{ids.web}/real/{ids.rs1}", {"weight": 5}, seen='"1"')
    second = boss.change("PATCH", f"/api/virtual/{ids.web}/real/{ids.rs2}", {"weight": 6}, seen='"1"')
    assert (first.status_code, second.status_code) == (200, 200)
    assert [row.server.weight for row in store.snapshot().virtual[0].servers] == [5, 6]


def test_a_person_and_a_program_conflict(boss: Program, ids: Ids, admin: Person, store: Store) -> None:
    where = f"/virtual/{ids.web}/real/{ids.rs1}"
    page = admin.get(where)
    boss.change("PATCH", f"/api{where}", {"weight": 5})
    assert press(admin, page, "ACCEPT", {"weight": "6"}).status_code == 409
    assert store.snapshot().virtual[0].servers[0].server.weight == 5


def test_a_virtual_server_whose_real_server_changed_is_not_deleted(boss: Program, ids: Ids, store: Store) -> None:
    boss.change("PATCH", f"/api/virtual/{ids.web}/real/{ids.rs1}", {"weight": 5})
    assert boss.change("DELETE", f"/api/virtual/{ids.web}", seen='"1"').status_code == 412
    assert len(store.snapshot().virtual) == 2


CASES: list[tuple[dict[str, Any], list[str]]] = [
    ({"weight": "heavy"}, ["weight"]),
    ({"weight": -1}, ["weight"]),
    ({"weight": 10**40}, ["weight"]),
    ({"wieght": 1}, ["wieght"]),
    ({"wieght": None}, ["wieght"]),
    ({"server": []}, ["server"]),
    ({"name": None}, ["name"]),
    ({"address": "nowhere"}, ["address"]),
    ({"layout": {}}, ["layout"]),
]


@pytest.mark.parametrize(("document", "key"), CASES, ids=repr)
def test_a_problem_names_the_place_in_the_configuration(
    boss: Program, ids: Ids, store: Store, document: dict[str, Any], key: list[str]
) -> None:
    answer = boss.change("PATCH", f"/api/virtual/{ids.web}/real/{ids.rs2}", document)
    assert answer.status_code == 422, answer.text
    assert answer.json
    assert answer.json["problems"][0]["path"] == ["virtual", 0, "server", 1, *key]
    assert store.snapshot().serial_no == 1


@pytest.mark.parametrize("found", [0, -1, True, "1", None, 1.5, [1]])
def test_an_id_cannot_be_changed(boss: Program, ids: Ids, store: Store, found: object) -> None:
    answer = boss.change("PATCH", f"/api/virtual/{ids.mail}", {"id": found, "port": 26})
    assert answer.status_code == 422
    assert store.snapshot().serial_no == 1


def test_what_the_rules_refuse_is_not_added(boss: Program, ids: Ids, store: Store) -> None:
    answer = boss.send("POST", "/api/virtual", {**NEW, "address": "192.168.26.10 eth0:1", "port": 80})
    assert answer.status_code == 422
    assert answer.json
    assert answer.json["problems"][0]["path"][:2] == ["virtual", 2]
    assert store.snapshot().serial_no == 1


def test_a_reader_does_not_see_a_secret_of_one_server(app: Flask, settings: Settings, store: Store) -> None:
    save_cluster(settings, store, SECRET)
    where = f"/api/virtual/{store.snapshot().virtual[2].id}"
    answer = program(app, store, Scope.OPERATE).get(where)
    assert "check_password" not in answer.get_json()
    assert answer.headers["Palometa-Left-Out"] == "check_password"
    assert program(app, store, Scope.ADMIN, "boss").get(where).get_json()["check_password"] == "hunter2"


def test_lvs_cf_that_cannot_be_written_is_said_and_nothing_is_saved(
    boss: Program, ids: Ids, settings: Settings, store: Store
) -> None:
    settings.lvs_cf.unlink()
    settings.lvs_cf.mkdir()
    answer = boss.change("PATCH", f"/api/virtual/{ids.web}", {"port": 81})
    assert answer.status_code == 503
    assert answer.json
    assert store.snapshot().serial_no == 1


def test_of_six_who_write_at_once_one_is_taken(app: Flask, boss: Program, ids: Ids, store: Store) -> None:
    token = store.api_tokens.make("six", Scope.ADMIN, None, "anna")
    codes: list[int] = []

    def write(weight: int) -> None:
        answer = Program(app, token).change(
            "PATCH", f"/api/virtual/{ids.web}/real/{ids.rs1}", {"weight": weight}, seen='"1"'
        )
        codes.append(answer.status_code)

    threads = [threading.Thread(target=write, args=(weight,)) for weight in range(2, 8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [200, 412, 412, 412, 412, 412]
    assert store.snapshot().serial_no == 2
