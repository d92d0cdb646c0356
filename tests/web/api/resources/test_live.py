"""What pulse tells, for programs."""

import time

import pytest
from flask import Flask

from app.settings import Settings
from app.store import Scope, Store
from tests.web.clusters import Ids, save_cluster
from tests.web.program import Program, program
from tests.web.pulse_double import PulseDouble, a_service

LIVE = [
    "/api/status",
    "/api/services",
    "/api/servers",
    "/api/events",
    "/api/plan",
    "/api/connections",
    "/api/traffic",
    "/api/past",
]


@pytest.fixture
def reader(app: Flask, store: Store) -> Program:
    return program(app, store, Scope.READ)


@pytest.mark.parametrize("address", LIVE)
def test_while_pulse_is_silent_it_is_said(reader: Program, address: str) -> None:
    answer = reader.get(address)
    assert answer.status_code == 503
    assert answer.json
    assert answer.json["error"].startswith("pulse does not answer: ")
    assert answer.headers["Retry-After"] == "5"


def test_the_status_has_both_serials_and_the_file(
    reader: Program, pulse: PulseDouble, settings: Settings, store: Store
) -> None:
    save_cluster(settings, store)
    status = reader.get("/api/status").get_json()
    assert (status["saved_serial"], status["file"]) == (1, "written")
    assert status["applied"] == pulse.report["applied"]
    assert status["pid"] == pulse.report["pid"]
    assert not {"services", "servers", "events", "ipvsadm"} & set(status)


def test_the_table_has_counters_and_the_ids_of_what_is_configured(
    reader: Program, pulse: PulseDouble, settings: Settings, store: Store
) -> None:
    ids: Ids = save_cluster(settings, store)
    service = a_service(0)
    service["owner"] = "web"
    service["counters"]["bytes_in"] = 4711
    foreign = a_service(7)
    foreign["owner"] = foreign["position"] = None
    pulse.report["services"] = [service, foreign]
    applied = pulse.report["applied"]
    assert applied is not None
    applied["serial_no"] = 1
    document = reader.get("/api/services").get_json()
    assert document["found"] == 2
    assert [service["virtual_id"] for service in document["services"]] == [ids.web, None]
    assert document["services"][0]["counters"]["bytes_in"] == 4711


def test_no_ids_are_guessed_while_another_serial_is_applied(
    reader: Program, pulse: PulseDouble, settings: Settings, store: Store
) -> None:
    save_cluster(settings, store)
    pulse.report["services"] = [a_service(0)]
    applied = pulse.report["applied"]
    assert applied is not None
    applied["serial_no"] = 99
    assert reader.get("/api/services").get_json()["services"][0]["virtual_id"] is None


def test_services_are_chosen_by_name_and_in_parts(reader: Program, pulse: PulseDouble) -> None:
    pulse.report["services"] = [a_service(number) for number in range(5)]
    named = reader.get("/api/services?name=virtual-3").get_json()
    assert [service["owner"] for service in named["services"]] == ["virtual-3"]
    part = reader.get("/api/services?offset=3&limit=1").get_json()
    assert (part["found"], [service["owner"] for service in part["services"]]) == (5, ["virtual-3"])


@pytest.mark.parametrize(
    "query",
    ["services?limit=x", "services?offset=-1", "services?limit=10001", "events?since=x", "events?since=nan",
     "events?since=1e999", "history?before=x", "history?limit=501"],
)  # fmt: skip
def test_an_argument_that_is_no_number_is_refused(reader: Program, pulse: PulseDouble, query: str) -> None:
    answer = reader.get(f"/api/{query}")
    assert answer.status_code == 400
    assert "is accepted" in answer.json["error"]  # type: ignore[index]


def test_servers_are_chosen_by_the_name_of_their_virtual_server(reader: Program, pulse: PulseDouble) -> None:
    everybody = pulse.report["servers"]
    assert everybody
    name = everybody[0]["virtual"]
    found = reader.get(
        "/api/servers",
    ).get_json()
    assert found["found"] == len(everybody)
    chosen = reader.get(f"/api/servers?name={name}").get_json()["servers"]
    assert chosen
    assert {server["virtual"] for server in chosen} == {name}
    assert reader.get("/api/servers?name=nobody").get_json()["servers"] == []


def test_the_plan_is_given_with_what_was_repaired(reader: Program, pulse: PulseDouble) -> None:
    pulse.drift["steps"] = [{"sentence": "Delete it.", "command": "ipvsadm -D -t 192.0.2.1:80"}]
    pulse.report["repairs"] = [{"at": time.time(), "commands": ["ipvsadm -x"]}]
    plan = reader.get("/api/plan").get_json()
    assert plan["commands"] == ["ipvsadm -D -t 192.0.2.1:80"]
    assert plan["steps"][0]["sentence"] == "Delete it."
    assert plan["foreign"][0]["service"] == "tcp 192.168.26.99:99"
    assert plan["repairs"][0]["commands"] == ["ipvsadm -x"]


def test_the_history_is_given_in_parts(reader: Program, settings: Settings, store: Store) -> None:
    for _ in range(3):
        save_cluster(settings, store)
    first = reader.get("/api/history?limit=2").get_json()
    assert [revision["serial_no"] for revision in first["revisions"]] == [3, 2]
    assert first["older"] == 2
    rest = reader.get(f"/api/history?limit=2&before={first['older']}").get_json()
    assert ([revision["serial_no"] for revision in rest["revisions"]], rest["older"]) == ([1], None)
    assert rest["revisions"][0]["author"] == "setup"
    assert reader.get("/api/history?limit=0").get_json() == {"revisions": [], "older": None}


def test_connections_are_asked_of_pulse_as_the_address_says(reader: Program, pulse: PulseDouble) -> None:
    answer = reader.get("/api/connections?service=tcp+192.168.26.10:443&client=203.0.113.0/24&limit=7")
    assert answer.get_json()["entries"] == 1_000_000
    [asked] = pulse.connections_asked
    assert (asked["service"], asked["client"], asked["limit"]) == ("tcp 192.168.26.10:443", "203.0.113.0/24", 7)


@pytest.mark.parametrize(
    "wrong", ["service=x+y", "client=nobody", "server=%00", "limit=1001", f"state={'x' * 101}"]
)
def test_a_filter_that_is_none_is_refused_before_pulse_is_asked(
    reader: Program, pulse: PulseDouble, wrong: str
) -> None:
    answer = reader.get(f"/api/connections?{wrong}")
    assert answer.status_code == 400
    assert pulse.connections_asked == []


def test_a_pulse_that_refuses_to_read_the_connections_is_unavailable(reader: Program, pulse: PulseDouble) -> None:
    pulse.connections = {"ok": False, "error": "too many requests are waiting for the connection table"}
    answer = reader.get("/api/connections")
    assert answer.status_code == 503
    assert "too many requests" in answer.get_json()["error"]
