"""REAL SERVER: the list of a virtual server's real servers and its buttons."""

import re
from typing import Any

import pytest

from app.settings import Settings
from app.store import Store
from tests.web.clusters import Ids, save_cluster
from tests.web.filled_form import FilledForm, press
from tests.web.person import Person
from tests.web.pulse_double import PulseDouble


@pytest.fixture
def ids(settings: Settings, store: Store) -> Ids:
    return save_cluster(settings, store)


@pytest.fixture
def page(ids: Ids) -> str:
    return f"/virtual/{ids.web}/real"


def choose(row_id: int, *, is_up: bool) -> dict[str, str | None]:
    return {"selected_host": f"{row_id}.{int(is_up)}"}


def test_it_lists_name_address_port_and_weight(admin: Person, page: str) -> None:
    html = admin.get(page).text
    for text in ("rs1", "192.168.26.21", "rs2", "192.168.26.22", ">same<", ">1<"):
        assert text in html


def test_add_appends_an_unnamed_server_and_stays(admin: Person, store: Store, page: str) -> None:
    answer = press(admin, page, "ADD", form="list")
    server = store.snapshot().virtual[0].servers[-1]
    assert (server.server.name, str(server.server.address)) == ("[unnamed]", "0.0.0.0")
    assert (server.server.active, server.server.weight, server.server.port) == (False, 1, None)
    assert FilledForm.on(admin.follow(answer).text, "list").fields["selected_host"] == f"{server.id}.0"


def test_deactivate_takes_one_server_out_and_activate_puts_it_back(
    admin: Person, settings: Settings, store: Store, ids: Ids, page: str
) -> None:
    press(admin, page, "(DE)ACTIVATE", choose(ids.rs2, is_up=True), form="list")
    assert [server.active for server in store.snapshot().config.virtual[0].server] == [True, False]
    press(admin, page, "(DE)ACTIVATE", choose(ids.rs2, is_up=False), form="list")
    assert [server.active for server in store.snapshot().config.virtual[0].server] == [True, True]


def test_activating_a_server_without_an_address_is_refused(admin: Person, store: Store, page: str) -> None:
    new = press(admin, page, "ADD", form="list")
    answer = press(admin, admin.follow(new), "(DE)ACTIVATE", form="list")
    assert answer.status_code == 422
    assert "The address is not set (0.0.0.0)" in answer.text
    assert store.snapshot().config.virtual[0].server[-1].active is False


def test_edit_leads_to_the_edit_page(admin: Person, ids: Ids, page: str) -> None:
    answer = press(admin, page, "EDIT", choose(ids.rs2, is_up=True), form="list")
    assert answer.location == f"{page}/{ids.rs2}"


def test_cancel_leads_to_the_virtual_server(admin: Person, ids: Ids, page: str) -> None:
    assert press(admin, page, "CANCEL", form="list").location == f"/virtual/{ids.web}"


def test_delete_asks_and_can_be_undone_to_its_place(admin: Person, store: Store, ids: Ids, page: str) -> None:
    asked = admin.follow(press(admin, page, "DELETE", choose(ids.rs1, is_up=True), form="list"))
    assert "<b>rs1</b>" in asked.text
    deleted = press(admin, asked, "DELETE", form="delete")
    assert [row.server.name for row in store.snapshot().virtual[0].servers] == ["rs2"]
    shown = admin.follow(deleted)
    assert "The real server rs1 was deleted." in shown.text
    press(admin, shown, "UNDO", form="undo")
    assert [row.server.name for row in store.snapshot().virtual[0].servers] == ["rs1", "rs2"]


def test_it_shows_connections_of_servers_that_are_in_the_kernel(
    admin: Person, page: str, pulse: PulseDouble
) -> None:
    pulse.report["applied"] = {"serial_no": 1, "at": 0.0, "duration_ms": 1.0, "changes": 0, "remained": []}
    service = pulse.report["services"][0]
    destination = service["destinations"][0]
    destination.update({"address": "192.168.26.21", "port": 80, "active": 17, "inactive": 4})
    service.update({"owner": "web", "position": 0, "destinations": [destination]})
    pulse.report["services"] = [service]
    html = admin.get(page).text
    assert ">17<" in html
    assert ">4<" in html
    assert "see CONTROL/MONITORING" in html


def test_connections_are_unknown_while_pulse_is_stopped(admin: Person, page: str) -> None:
    html = admin.get(page).text
    assert 'data-label="ActiveConn" class="number">–<' in html


def test_an_active_server_of_a_deactivated_service_is_not_to_be_deactivated(
    admin: Person, ids: Ids, pulse: PulseDouble
) -> None:
    press(admin, "/virtual", "(DE)ACTIVATE", {"selected_host": f"{ids.web}.1"}, form="list")
    pulse.report["applied"] = {"serial_no": 2, "at": 0.0, "duration_ms": 1.0, "changes": 0, "remained": []}
    pulse.report["services"] = []
    html = admin.get(f"/virtual/{ids.web}/real").text
    assert html.count("its virtual server is deactivated: press (DE)ACTIVATE in VIRTUAL SERVERS") == 2


def in_kernel(pulse: PulseDouble, **destination: Any) -> None:
    """Let pulse report the first server in the kernel."""
    pulse.report["applied"] = {"serial_no": 1, "at": 0.0, "duration_ms": 1.0, "changes": 0, "remained": []}
    service = pulse.report["services"][0]
    there = service["destinations"][0]
    there.update({"address": "192.168.26.21", "port": 80, **destination})  # type: ignore[typeddict-item]
    service.update({"owner": "web", "position": 0, "protocol": "TCP", "destinations": [there]})
    pulse.report["services"] = [service]


def test_a_server_at_weight_0_in_the_kernel_is_not_green(admin: Person, page: str, pulse: PulseDouble) -> None:
    in_kernel(pulse, weight=0)
    [(kind, rest)] = re.findall(r'class="badge (\w+)"[^\n]* yes, weight 0</span>([^\n]*)', admin.get(page).text)
    assert kind == "off"
    assert "no new clients" in rest


def test_a_server_that_can_no_longer_be_checked_is_grey_with_the_reason(
    admin: Person, page: str, pulse: PulseDouble
) -> None:
    in_kernel(pulse)
    pulse.report["servers"][0].update({"state": "stale", "message": "there is no user 'palometa-check'"})
    [(kind, rest)] = re.findall(
        r'class="badge (\w+)"[^\n]* stale</span>(.*?)</td>', admin.get(page).text, re.DOTALL
    )
    assert kind == "off"
    assert "there is no user &#39;palometa-check&#39;" in rest
