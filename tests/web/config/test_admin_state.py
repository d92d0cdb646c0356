"""DRAIN, MAINTENANCE and READY of one real server."""

import time
from dataclasses import replace

import pytest

from app.lvs.grammar.reader import parse
from app.lvs.model.admin_state import parse_until
from app.lvs.model.values import AdminState
from app.settings import Settings
from app.store import Store
from tests.web.clusters import Ids, save_cluster
from tests.web.filled_form import press
from tests.web.person import Person
from tests.web.pulse_double import PulseDouble

FAR = "2999-01-31T22:00Z"
Said = tuple[AdminState | None, str | None, str | None]


@pytest.fixture
def ids(settings: Settings, store: Store) -> Ids:
    return save_cluster(settings, store)


@pytest.fixture
def page(ids: Ids) -> str:
    return f"/virtual/{ids.web}/real/{ids.rs1}/state"


def said(store: Store, index: int = 0) -> Said:
    server = store.snapshot().config.virtual[0].server[index]
    return server.admin_state, server.admin_until, server.admin_reason


@pytest.mark.parametrize("button", ["DRAIN", "MAINTENANCE"])
def test_the_buttons_of_the_list_lead_to_the_page_that_asks_why(admin: Person, ids: Ids, button: str) -> None:
    answer = press(admin, f"/virtual/{ids.web}/real", button, {"selected_host": f"{ids.rs2}.1"}, form="list")
    assert answer.location == f"/virtual/{ids.web}/real/{ids.rs2}/state?to={button.lower()}"
    assert admin.follow(answer).status_code == 200


@pytest.mark.parametrize("button", ["DRAIN", "MAINTENANCE"])
def test_a_state_goes_into_lvs_cf_with_its_end_and_its_reason(
    admin: Person, settings: Settings, store: Store, ids: Ids, page: str, button: str
) -> None:
    answer = press(admin, page, button, {"admin_until": FAR, "admin_reason": "kernel patch"})
    assert answer.location == f"/virtual/{ids.web}/real?selected={ids.rs1}"
    assert said(store) == (AdminState(button.lower()), FAR, "kernel patch")
    assert said(store, 1) == (None, None, None)
    config = parse(settings.lvs_cf.read_bytes()).config
    assert config
    assert config.virtual[0].server[0].admin_state == button.lower()
    assert f"real server rs1 {button.lower()} until {FAR}, kernel patch" in store.revisions(1)[0].summary


def test_ready_clears_all_three(admin: Person, store: Store, ids: Ids, page: str) -> None:
    press(admin, page, "DRAIN", {"admin_until": FAR, "admin_reason": "kernel patch"})
    press(admin, page, "READY")
    assert said(store) == (None, None, None)


def test_ready_on_the_list_acts_at_once(admin: Person, store: Store, ids: Ids, page: str) -> None:
    press(admin, page, "MAINTENANCE", {"admin_reason": "disk"})
    answer = press(admin, f"/virtual/{ids.web}/real", "READY", {"selected_host": f"{ids.rs1}.1"}, form="list")
    assert answer.status_code == 303
    assert said(store) == (None, None, None)


@pytest.mark.parametrize(("choice", "at_least_s", "at_most_s"), [("15 min", 900, 961), ("1 h", 3600, 3661)])
def test_a_length_of_time_is_never_shorter_than_it_says(
    admin: Person, store: Store, page: str, choice: str, at_least_s: int, at_most_s: int
) -> None:
    before = time.time()
    press(admin, page, "DRAIN", {"how_long": choice})
    until = parse_until(said(store)[1] or "")
    assert until
    assert before + at_least_s <= until <= time.time() + at_most_s


def test_today_ends_with_the_day_in_utc(admin: Person, store: Store, page: str) -> None:
    press(admin, page, "DRAIN", {"how_long": "today"})
    until = parse_until(said(store)[1] or "")
    assert until
    assert until % 86400 == 0
    assert 0 < until - time.time() <= 86400


@pytest.mark.parametrize(
    ("until", "says"),
    [
        ("tomorrow", "&#39;tomorrow&#39; is not a valid time. Enter a time in UTC, such as"),
        ("2026-13-01T00:00Z", "is not a valid time"),
        ("2001-01-31T22:00Z", "2001-01-31T22:00Z is in the past"),
    ],
)
def test_a_time_that_is_none_or_over_is_refused_beside_its_box(
    admin: Person, store: Store, page: str, until: str, says: str
) -> None:
    answer = press(admin, page, "DRAIN", {"admin_until": until, "admin_reason": "kernel patch"})
    assert answer.status_code == 422
    assert says in answer.text
    assert 'value="kernel patch"' in answer.text
    assert said(store) == (None, None, None)


def test_a_reason_that_cannot_stand_in_lvs_cf_is_refused(admin: Person, store: Store, page: str) -> None:
    answer = press(admin, page, "DRAIN", {"admin_reason": "one\ntwo"})
    assert answer.status_code == 422
    assert "lvs.cf cannot hold a line end or a NUL byte" in answer.text
    assert said(store) == (None, None, None)


def test_somebody_elses_state_is_not_overwritten_unseen(admin: Person, store: Store, page: str) -> None:
    opened = admin.get(page)
    press(admin, page, "MAINTENANCE", {"admin_reason": "disk"})
    answer = press(admin, opened, "READY")
    assert answer.status_code == 409
    assert "Its state was changed after this page was opened" in answer.text
    assert 'value="disk"' in answer.text
    assert said(store)[0] is AdminState.MAINTENANCE


def test_a_change_of_something_else_meanwhile_is_no_conflict(
    admin: Person, store: Store, ids: Ids, page: str
) -> None:
    opened = admin.get(page)
    press(admin, f"/virtual/{ids.web}/real/{ids.rs1}", "ACCEPT", {"weight": "7"})
    assert press(admin, opened, "DRAIN").status_code == 303
    assert store.snapshot().config.virtual[0].server[0].weight == 7
    assert said(store)[0] is AdminState.DRAIN


def test_a_drain_that_has_ended_is_not_offered_again(admin: Person, store: Store, page: str) -> None:
    row = store.snapshot().virtual[0].servers[0]
    with store.edit("setup") as edit:
        ended = replace(
            row.server, admin_state=AdminState.DRAIN, admin_until="2001-01-31T22:00Z", admin_reason="old"
        )
        edit.set_server(row.id, ended)
        edit.finish("ended", b"")
    html = admin.get(page).text
    assert "2001-01-31" not in html
    assert 'value="old"' not in html


def test_cancel_goes_back_to_the_list(admin: Person, store: Store, ids: Ids, page: str) -> None:
    assert press(admin, page, "CANCEL").location == f"/virtual/{ids.web}/real?selected={ids.rs1}"
    assert said(store) == (None, None, None)


def test_a_server_that_is_gone_is_said_to_be(admin: Person, ids: Ids, page: str) -> None:
    assert admin.get(f"/virtual/{ids.web}/real/999/state").status_code == 404


def test_the_list_shows_a_drain_without_pulse_too(admin: Person, ids: Ids, page: str) -> None:
    press(admin, page, "DRAIN", {"admin_until": FAR, "admin_reason": "kernel patch"})
    html = admin.get(f"/virtual/{ids.web}/real").text
    assert "</span> drain</span>" in html
    assert f"{FAR}</time>: kernel patch" in html


def test_the_list_says_what_a_drain_still_waits_for(admin: Person, ids: Ids, pulse: PulseDouble) -> None:
    pulse.report["applied"] = {"serial_no": 1, "at": 0.0, "duration_ms": 1.0, "changes": 0, "remained": []}
    service = pulse.report["services"][0]
    destination = service["destinations"][0]
    left = {"address": "192.168.26.21", "port": 80, "weight": 0, "active": 3, "inactive": 12, "persistent": 0}
    destination.update(left)  # type: ignore[typeddict-item]
    service.update({"owner": "web", "position": 0, "protocol": "TCP", "destinations": [destination]})
    pulse.report["services"] = [service]
    server = pulse.report["servers"][0]
    server.update({"admin": "drain", "admin_reason": "kernel patch", "weight": 0})
    html = admin.get(f"/virtual/{ids.web}/real").text
    assert "no new clients; waiting for 3 active and 12 inactive connections, each expiring at most 15 min" in html
