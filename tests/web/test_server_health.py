"""What the checks say, on CONTROL/MONITORING and on the list of real servers."""

from app.settings import Settings
from app.store import Store
from tests.web.clusters import save_cluster
from tests.web.person import Person
from tests.web.pulse_double import PulseDouble


def test_the_table_shows_the_health_of_each_server(admin: Person, pulse: PulseDouble) -> None:
    html = admin.get("/control/table").text
    assert '<th scope="col">Health</th>' in html
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
    assert "Servers came and went" not in admin.get("/control/table").text


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
    assert "its health holds it out" in html
    assert "TCP connect to 192.168.26.29:80: refused" in html
    assert "rs1: TCP connect" in admin.get("/virtual").text
