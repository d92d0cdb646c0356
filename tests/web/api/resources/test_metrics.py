"""/metrics: what Prometheus reads, by the names of the configuration."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from flask import Flask
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse
from prometheus_client.samples import Sample

from app.lvs.reports.status import ServerReport
from app.settings import Settings
from app.store import Scope, Store
from app.web.api.resources import metrics
from tests.web.clusters import save_cluster
from tests.web.program import Program, program
from tests.web.pulse_double import PulseDouble, a_service

DASHBOARD = Path(__file__).parents[4] / "grafana" / "palometa.json"


@pytest.fixture
def scraper(app: Flask, store: Store) -> Program:
    return program(app, store, Scope.READ, "prometheus")


def samples_of(text: str) -> list[Sample]:
    return [sample for family in parse(text) for sample in family.samples]


def scrape(scraper: Program, address: str = "/metrics") -> list[Sample]:
    answer = scraper.get(address)
    assert answer.status_code == 200
    return samples_of(answer.text)


def named(samples: list[Sample], name: str) -> list[tuple[dict[str, str], float]]:
    return [(sample.labels, sample.value) for sample in samples if sample.name == name]


def value(samples: list[Sample], name: str) -> float:
    ((_, found),) = named(samples, name)
    return found


def a_server(number: int, **changed: Any) -> ServerReport:
    """Return the health of the destination of `a_service(number)`."""
    server = {
        "position": number,
        "index": 0,
        "virtual": f"virtual-{number}",
        "name": f"real-{number}",
        "address": f"10.2.{number // 250}.{number % 250 + 1}",
        "port": 80,
        "state": "up",
        "is_in": True,
        "weight": 1,
        "is_degraded": False,
        "held": "",
        "admin": "ready",
        "admin_until": None,
        "admin_reason": "",
        "since": 1000.0,
        "message": "",
        "duration_ms": 1.5,
        "checked_at": 1001.0,
        "next_check_at": 1002.0,
        "checks": [],
    }
    return cast(ServerReport, {**server, **changed})


def test_while_pulse_is_silent_it_says_so(scraper: Program, settings: Settings, store: Store) -> None:
    save_cluster(settings, store)
    samples = scrape(scraper)
    assert {sample.name for sample in samples} == {"palometa_pulse_up", "palometa_serial_saved"}
    assert value(samples, "palometa_pulse_up") == 0
    assert value(samples, "palometa_serial_saved") == 1


def test_it_wants_a_token(app: Flask) -> None:
    assert Program(app, None).get("/metrics").status_code == 401


def test_the_counters_have_the_configured_names(scraper: Program, pulse: PulseDouble) -> None:
    service = a_service(3)
    service["counters"]["bytes_in"] = 4711
    service["destinations"][0]["counters"]["connections"] = 12
    service["destinations"][0]["active"] = 5
    pulse.report["services"] = [service]
    samples = scrape(scraper)
    labels = {"virtual": "virtual-3", "protocol": "TCP", "address": "10.1.0.4", "port": "80"}
    assert named(samples, "palometa_service_incoming_bytes_total") == [(labels, 4711)]
    own = {**labels, "server": "real-3", "server_address": "10.2.0.4", "server_port": "80"}
    assert named(samples, "palometa_server_connections_total") == [(own, 12)]
    assert named(samples, "palometa_server_active_connections") == [(own, 5)]
    assert named(samples, "palometa_server_weight") == [(own, 1)]


def test_health_has_the_labels_of_the_kernels_entry(scraper: Program, pulse: PulseDouble) -> None:
    pulse.report["services"] = [a_service(0), a_service(1), a_service(2)]
    pulse.report["servers"] = [
        a_server(0),
        a_server(1, state="down", is_in=False, weight=None, admin="maintenance"),
        a_server(2, state="unknown", duration_ms=None, is_degraded=True, admin="drain"),
    ]
    samples = scrape(scraper)
    assert [found for _, found in named(samples, "palometa_server_up")] == [1, 0]
    assert [found for _, found in named(samples, "palometa_server_in")] == [1, 0, 1]
    assert [found for _, found in named(samples, "palometa_server_wanted_weight")] == [1, 1]
    assert [found for _, found in named(samples, "palometa_server_admin_state")] == [0, 2, 1]
    assert [found for _, found in named(samples, "palometa_server_degraded")] == [0, 0, 1]
    assert [found for _, found in named(samples, "palometa_server_check_duration_seconds")] == [0.0015, 0.0015]
    in_kernel = [labels for labels, _ in named(samples, "palometa_server_weight")]
    assert [labels for labels, _ in named(samples, "palometa_server_in")] == in_kernel


def test_a_server_whose_service_is_not_in_the_kernel_is_told_of_too(scraper: Program, pulse: PulseDouble) -> None:
    pulse.report["services"] = []
    pulse.report["servers"] = [a_server(0), a_server(9, virtual="virtual-0", name="real-0", address="10.2.0.1")]
    ((labels, _),) = named(scrape(scraper), "palometa_server_up")
    assert (labels["virtual"], labels["server"], labels["address"]) == ("virtual-0", "real-0", "")


def test_a_foreign_service_has_no_virtual_name_and_a_mark_is_its_address(
    scraper: Program, pulse: PulseDouble
) -> None:
    foreign = a_service(0)
    foreign["owner"] = foreign["position"] = None
    foreign["protocol"], foreign["fwmark"], foreign["family"] = "FWM", 5, 6
    foreign["address"], foreign["port"] = "", 0
    pulse.report["services"] = [foreign]
    ((labels, _),) = named(scrape(scraper), "palometa_service_servers")
    assert labels == {"virtual": "", "protocol": "FWM", "address": "5 IPv6", "port": ""}


def test_names_may_hold_anything(scraper: Program, pulse: PulseDouble) -> None:
    service = a_service(0)
    service["owner"] = 'a "b" \\ c\nd é'
    pulse.report["services"] = [service]
    ((labels, _),) = named(scrape(scraper), "palometa_service_servers")
    assert labels["virtual"] == service["owner"]


def test_behind_the_limit_the_rest_is_summed(
    scraper: Program, pulse: PulseDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metrics, "SERVICES_OWN", 3)
    services = [a_service(number) for number in range(5)]
    for service in services:
        service["counters"]["bytes_in"] = 10
        service["destinations"][0]["active"] = 7
    pulse.report["services"] = services
    pulse.report["servers"] = [a_server(number) for number in range(5)]
    samples = scrape(scraper, "/metrics?servers=2")
    by_service = named(samples, "palometa_service_incoming_bytes_total")
    assert [(labels["virtual"], found) for labels, found in by_service] == [
        ("virtual-0", 10),
        ("virtual-1", 10),
        ("virtual-2", 10),
        ("(others)", 20),
    ]
    by_server = named(samples, "palometa_server_active_connections")
    assert [found for _, found in by_server] == [7, 7, 21]
    assert len(named(samples, "palometa_server_up")) == 2
    assert value(samples, "palometa_services_summed") == 2
    assert value(samples, "palometa_servers_summed") == 3


def test_the_number_of_series_is_bounded(scraper: Program, pulse: PulseDouble) -> None:
    pulse.report["services"] = [a_service(number) for number in range(3000)]
    pulse.report["servers"] = [a_server(number) for number in range(3000)]
    samples = scrape(scraper)
    assert len(named(samples, "palometa_service_servers")) == 1000 + 1
    assert len(named(samples, "palometa_server_weight")) == 2000 + 1
    assert len(named(samples, "palometa_server_up")) == 2000
    assert scraper.get("/metrics?servers=20001").status_code == 400


def test_no_series_stands_twice(scraper: Program, pulse: PulseDouble) -> None:
    pulse.report["servers"] = [*pulse.report["servers"], *pulse.report["servers"]]
    pulse.report["addresses"] = [*pulse.report["addresses"], *pulse.report["addresses"]]
    seen = [(sample.name, tuple(sorted(sample.labels.items()))) for sample in scrape(scraper)]
    assert len(seen) == len(set(seen))


def test_what_was_applied_and_repaired_is_told(scraper: Program, pulse: PulseDouble) -> None:
    pulse.report["applied"] = {"serial_no": 41, "at": 5.0, "duration_ms": 250.0, "changes": 3, "remained": ["x"]}
    pulse.report["repairs"] = [{"at": 7.0, "commands": []}, {"at": 9.0, "commands": []}]
    pulse.report["checks"] = {"different": 4, "per_s": 0.8, "late_ms": 2.0, "late_ms_worst": 30.0}
    event: Any = {"at": 8.0, "kind": "down", "virtual": "", "server": "", "target": "", "reason": ""}
    later: Any = {**event, "at": 9.0}
    pulse.report["events"] = [event, later]
    samples = scrape(scraper)
    assert value(samples, "palometa_pulse_up") == 1
    assert value(samples, "palometa_serial_applied") == 41
    assert value(samples, "palometa_apply_duration_seconds") == 0.25
    assert value(samples, "palometa_apply_remained") == 1
    assert value(samples, "palometa_repairs_kept") == 2
    assert value(samples, "palometa_last_repair_time_seconds") == 9
    assert value(samples, "palometa_check_lateness_worst_seconds") == 0.03
    assert named(samples, "palometa_events_kept") == [({"kind": "down"}, 2)]
    assert named(samples, "palometa_last_event_time_seconds") == [({"kind": "down"}, 9)]


def test_openmetrics_is_given_to_who_asks_for_it(scraper: Program, pulse: PulseDouble) -> None:
    answer = scraper.get("/metrics", Accept="application/openmetrics-text; version=1.0.0")
    assert answer.mimetype == "application/openmetrics-text"
    assert [family.name for family in parse_openmetrics(answer.text)]  # type: ignore[no-untyped-call]


def test_nothing_is_kept_between_two_readings(scraper: Program, pulse: PulseDouble, store: Store) -> None:
    pulse.report["services"] = [a_service(0)]
    first = scraper.get("/metrics").text
    assert scraper.get("/metrics").text == first


def expressions() -> Iterator[str]:
    def walk(part: Any) -> Iterator[str]:
        if isinstance(part, dict):
            if isinstance(part.get("expr"), str):
                yield part["expr"]
            if str(part.get("query", "")).startswith("label_values("):
                yield part["query"]
            for inner in part.values():
                yield from walk(inner)
        elif isinstance(part, list):
            for inner in part:
                yield from walk(inner)

    return walk(json.loads(DASHBOARD.read_text()))


def test_every_query_of_the_dashboard_names_metrics_that_are_there(scraper: Program, pulse: PulseDouble) -> None:
    pulse.report["services"] = [a_service(0)]
    pulse.report["servers"] = [a_server(0)]
    event: Any = {"at": 8.0, "kind": "down", "virtual": "", "server": "", "target": "", "reason": ""}
    pulse.report["events"] = [event]
    samples = scrape(scraper)
    labels: dict[str, set[str]] = {}
    for sample in samples:
        labels.setdefault(sample.name, set()).update(sample.labels)
    found = list(expressions())
    assert len(found) > 10
    for expression in found:
        names = re.findall(r"\bpalometa_\w+", expression)
        assert names, expression
        assert set(names) <= set(labels), expression
        known = {"job", "instance"}.union(*(labels[name] for name in names))
        used = re.findall(r"(\w+)\s*=~?\s*\"", expression)
        grouped = ",".join(re.findall(r"\bby\s*\(([^)]*)\)", expression)).split(",")
        assert {*used, *(word.strip() for word in grouped if word.strip())} <= known, expression
