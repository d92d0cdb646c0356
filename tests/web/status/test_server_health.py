"""What the checks say, on CONTROL/MONITORING and on the list of real servers."""

import re
from typing import cast

from app.lvs.reports.status import CheckReport
from app.settings import Settings
from app.store import Store
from tests.web.clusters import save_cluster
from tests.web.person import Person
from tests.web.pulse_double import PulseDouble


def test_the_table_shows_the_health_of_each_server(admin: Person, pulse: PulseDouble) -> None:
    html = admin.get("/control/table").text
    assert ">State</a></th>" in html
    assert "</span> up</span>" in html


def test_a_server_that_is_held_out_is_shown_with_the_reason(admin: Person, pulse: PulseDouble) -> None:
    html = admin.get("/control/table").text
    assert "192.168.26.29:80" in html
    assert "not in the table" in html
    assert "TCP connect to 192.168.26.29:80: refused" in html


def test_the_events_tell_who_came_and_went_and_why(admin: Person, pulse: PulseDouble) -> None:
    html = admin.get("/control/table").text
    assert "<b>web9</b> (192.168.26.29:80) of web: TCP connect to 192.168.26.29:80: refused" in html


def test_without_events_there_is_no_list_of_them(admin: Person, pulse: PulseDouble) -> None:
    pulse.report["events"] = []
    assert "Recent events" not in admin.get("/control/table").text


def test_a_check_that_is_not_run_any_more_is_grey_and_never_green(admin: Person, pulse: PulseDouble) -> None:
    for server in pulse.report["servers"]:
        server["state"] = "stale"
    html = admin.get("/control/table").text
    assert '<span class="badge off" title="READ from' in html
    assert "</span> stale</span>" in html


def test_what_a_server_says_is_never_markup(admin: Person, pulse: PulseDouble) -> None:
    pulse.report["servers"][-1]["message"] = "<script>alert(1)</script>"
    pulse.report["events"][-1]["reason"] = "<script>alert(2)</script>"
    assert "<script>alert" not in admin.get("/control/table").text


def test_the_list_of_real_servers_shows_health_and_why_one_is_not_in_the_kernel(
    admin: Person, settings: Settings, store: Store, pulse: PulseDouble
) -> None:
    ids = save_cluster(settings, store)
    pulse.report["applied"] = {"serial_no": 1, "at": 0.0, "duration_ms": 1.0, "changes": 0, "remained": []}
    service = pulse.report["services"][0]
    service["destinations"] = []
    pulse.report["services"] = [service]
    down = pulse.report["servers"][-1]
    down.update({"index": 0, "address": "192.168.26.21", "name": "rs1"})
    pulse.report["servers"] = [down]
    html = admin.get(f"/virtual/{ids.web}/real").text
    assert "held out by its health checks" in html
    assert "TCP connect to 192.168.26.29:80: refused" in html
    assert "rs1: TCP connect" in admin.get("/virtual").text


def test_what_is_not_known_or_not_checked_is_grey(admin: Person, pulse: PulseDouble) -> None:
    first, second = pulse.report["servers"][:2]
    first["state"] = "unknown"
    second["state"] = "unchecked"
    html = admin.get("/control/table").text
    assert re.search('badge off"[^>]*><span aria-hidden="true">–</span> not known yet', html)
    assert re.search('badge off"[^>]*><span aria-hidden="true">–</span> not checked', html)


def test_drain_and_maintenance_are_said_with_their_end_and_their_reason(admin: Person, pulse: PulseDouble) -> None:
    first, second = pulse.report["servers"][:2]
    first.update({"admin": "drain", "admin_until": 4102444800.0, "admin_reason": "kernel patch"})
    second.update({"admin": "maintenance", "admin_until": None, "admin_reason": ""})
    html = admin.get("/control/table").text
    assert "</span> drain</span>" in html
    assert "2100-01-01T00:00Z</time>: kernel patch" in html
    assert "</span> maintenance</span>" in html
    assert "until ended by hand" in html


def test_a_degraded_server_and_what_holds_one_are_said(admin: Person, pulse: PulseDouble) -> None:
    first = pulse.report["servers"][0]
    first.update({"is_degraded": True, "held": "slow start: weight 3 of 10 since 12 s"})
    html = admin.get("/control/table").text
    assert "</span> degraded</span>" in html
    assert "slow start: weight 3 of 10 since 12 s" in html


def test_the_list_of_real_servers_has_every_check_to_be_opened(
    admin: Person, settings: Settings, store: Store, pulse: PulseDouble
) -> None:
    ids = save_cluster(settings, store)
    pulse.report["applied"] = {"serial_no": 1, "at": 0.0, "duration_ms": 1.0, "changes": 0, "remained": []}
    first = pulse.report["servers"][0]
    more = {**first["checks"][0], "kind": "redis", "target": "192.168.26.21 port 6379", "state": "stale"}
    first["checks"].append(cast(CheckReport, more))
    html = admin.get(f"/virtual/{ids.web}/real").text
    assert "2 checks" in html
    assert re.search("</span> stale</span> redis, 192.168.26.21 port 6379: READ from", html)


def test_a_service_with_a_server_in_maintenance_says_so_on_the_list(
    admin: Person, settings: Settings, store: Store, pulse: PulseDouble
) -> None:
    save_cluster(settings, store)
    pulse.report["applied"] = {"serial_no": 1, "at": 0.0, "duration_ms": 1.0, "changes": 0, "remained": []}
    pulse.report["services"][0]["destinations"] = []
    pulse.report["services"] = pulse.report["services"][:1]
    out = pulse.report["servers"][0]
    out.update({"name": "rs1", "is_in": False, "weight": None, "admin": "maintenance"})
    pulse.report["servers"] = [out]
    assert "rs1: maintenance" in admin.get("/virtual").text
