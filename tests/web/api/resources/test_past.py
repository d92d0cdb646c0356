"""What was, for programs: events, traffic, the table at a time."""

import time
from typing import Any

import pytest
from flask import Flask

from app.store import Scope, Store
from tests.web.program import Program, program
from tests.web.pulse_double import PulseDouble


@pytest.fixture
def reader(app: Flask, store: Store) -> Program:
    return program(app, store, Scope.READ)


def an_event(kind: str, at: float, server: str = "rs1") -> Any:
    return {"at": at, "kind": kind, "virtual": "web", "server": server, "target": "", "reason": "x y"}


def test_events_are_those_since_a_time_and_of_a_kind(reader: Program, pulse: PulseDouble) -> None:
    pulse.events = [an_event("down", 10.0), an_event("up", 20.5), an_event("down", 30.0)]

    def times(query: str) -> list[float]:
        return [event["at"] for event in reader.get(f"/api/events{query}").get_json()["events"]]

    assert times("") == [10.0, 20.5, 30.0]
    assert times("?since=20.5") == [30.0]
    assert times("?kind=down") == [10.0, 30.0]
    assert times("?since=10&kind=up") == [20.5]
    assert times("?until=20.5") == [10.0, 20.5]
    assert times("?virtual=web&text=Y+RS1") == [10.0, 20.5, 30.0]
    assert times("?virtual=mail") == times("?server=rs2") == times("?text=z") == []


def test_all_events_that_pulse_keeps_are_given(reader: Program, pulse: PulseDouble) -> None:
    pulse.events = [an_event("up", float(number)) for number in range(1000)]
    assert len(reader.get("/api/events").get_json()["events"]) == 1000


def test_traffic_is_asked_of_pulse_as_the_address_says(reader: Program, pulse: PulseDouble) -> None:
    answer = reader.get(
        "/api/traffic?service=tcp+192.168.26.10:443&server=192.168.26.21:443&span_s=600"
    ).get_json()
    assert answer["until"] - answer["since"] == 600
    assert {"at", "step_s", "connections", "bytes_in", "active"} <= set(answer["points"][0])
    [asked] = pulse.history_asked
    assert (asked["service"], asked["server"]) == ("tcp 192.168.26.10:443", "192.168.26.21:443")


def test_the_table_at_a_time_is_given_or_that_it_is_not_known(reader: Program, pulse: PulseDouble) -> None:
    then = reader.get("/api/past?at=1790000047.5").get_json()
    assert then["at"] == 1_790_000_040
    assert then["services"][0]["destinations"][0]["active"] == 17
    assert reader.get("/api/past?at=1").get_json()["at"] is None
    assert reader.get("/api/past").get_json()["at"] >= time.time() - 61


@pytest.mark.parametrize(
    "wrong",
    ["traffic?service=x+y", "traffic?server=192.0.2.1:80", "traffic?service=tcp+192.0.2.1:80&server=x",
     "traffic?span_s=x", "traffic?span_s=99999999", "traffic?service=" + "x" * 101, "past?at=x", "past?at=-1",
     "past?at=1e20", "events?until=x", "events?text=" + "x" * 101],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_before_pulse_is_asked(
    reader: Program, pulse: PulseDouble, wrong: str
) -> None:
    answer = reader.get(f"/api/{wrong}")
    assert answer.status_code == 400
    assert answer.get_json()["advice"]
    assert pulse.asked == 0
