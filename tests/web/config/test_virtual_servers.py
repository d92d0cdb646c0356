"""VIRTUAL SERVERS: the list and its buttons."""

from dataclasses import replace
from ipaddress import IPv4Address

import pytest

from app.lvs.model.config import VirtualServer
from app.lvs.model.values import Floating
from app.settings import Settings
from app.store import Store
from tests.web.clusters import MAIL, WEB, Ids, save_cluster
from tests.web.filled_form import FilledForm, press
from tests.web.person import Person
from tests.web.pulse_double import PulseDouble

PAGE = "/virtual"


@pytest.fixture
def ids(settings: Settings, store: Store) -> Ids:
    return save_cluster(settings, store)


def choose(row_id: int, *, is_up: bool) -> dict[str, str | None]:
    return {"selected_host": f"{row_id}.{int(is_up)}"}


def test_an_empty_list_says_how_to_begin(admin: Person) -> None:
    assert "There are no virtual servers yet. Press ADD to create one." in admin.get(PAGE).text


def test_it_lists_each_virtual_server_in_piranhas_columns(admin: Person, ids: Ids) -> None:
    html = admin.get(PAGE).text
    columns = ["STATUS", "NAME", "VIP", "NETMASK", "PORT", "PROTOCOL", "INTERFACE", "IN KERNEL"]
    places = [html.index(f">{column}</th>") for column in columns]
    assert places == sorted(places)
    for text in ("192.168.26.10", "Unused", ">80<", ">tcp<", "eth0:1"):
        assert text in html


def test_the_first_row_is_chosen_at_first(admin: Person, ids: Ids) -> None:
    assert FilledForm.on(admin.get(PAGE).text, "list").fields["selected_host"] == f"{ids.web}.1"


def test_add_appends_piranhas_default_entry_and_stays(admin: Person, store: Store, ids: Ids) -> None:
    answer = press(admin, PAGE, "ADD", form="list")
    added = store.snapshot().virtual[-1]
    assert added.virtual.name == "[server_name]"
    assert (str(added.virtual.address), added.virtual.port) == ("0.0.0.0 eth0:1", 80)
    assert (added.virtual.timeout, added.virtual.reentry, added.virtual.active) == (6, 15, False)
    assert added.virtual.send == "GET / HTTP/1.0\\r\\n\\r\\n"
    shown = admin.follow(answer)
    assert shown.request.path == PAGE
    assert "[server_name] was added at the end of the list" in shown.text
    assert FilledForm.on(shown.text, "list").fields["selected_host"] == f"{added.id}.0"


def test_add_takes_the_first_interface_this_machine_has(admin: Person, store: Store, pulse: PulseDouble) -> None:
    pulse.report["devices"] = [
        {"name": "lo", "is_up": True, "addresses": ["127.0.0.1/8"]},
        {"name": "ens3", "is_up": True, "addresses": ["192.168.26.2/24"]},
    ]
    press(admin, PAGE, "ADD", form="list")
    assert store.snapshot().config.virtual[-1].address == Floating(IPv4Address("0.0.0.0"), "ens3:1")


def test_edit_leads_to_the_edit_page(admin: Person, ids: Ids) -> None:
    answer = press(admin, PAGE, "EDIT", choose(ids.mail, is_up=False), form="list")
    assert answer.location == f"/virtual/{ids.mail}"


def test_activate_puts_a_service_up_and_deactivate_down(admin: Person, store: Store, ids: Ids) -> None:
    assert press(admin, PAGE, "(DE)ACTIVATE", choose(ids.mail, is_up=False), form="list").status_code == 303
    assert store.snapshot().config.virtual[1].active is True
    press(admin, PAGE, "(DE)ACTIVATE", choose(ids.mail, is_up=True), form="list")
    assert store.snapshot().config.virtual[1].active is False


def test_two_people_who_both_activate_leave_it_up(admin: Person, store: Store, ids: Ids) -> None:
    for _ in range(2):
        press(admin, PAGE, "(DE)ACTIVATE", choose(ids.mail, is_up=False), form="list")
    assert store.snapshot().config.virtual[1].active is True


def test_activating_an_unfinished_entry_is_refused_with_the_reason(admin: Person, store: Store) -> None:
    press(admin, PAGE, "ADD", form="list")
    answer = press(admin, PAGE, "(DE)ACTIVATE", form="list")
    assert answer.status_code == 422
    assert "The Virtual IP Address is not set (0.0.0.0)" in answer.text
    assert store.snapshot().config.virtual[0].active is False


def test_activating_on_a_device_that_does_not_exist_is_refused(
    admin: Person, settings: Settings, store: Store, pulse: PulseDouble
) -> None:
    elsewhere = replace(MAIL, name="far", address=Floating(IPv4Address("192.168.26.12"), "eth7:1"))
    save_cluster(settings, store, elsewhere)
    far = store.snapshot().virtual[-1]
    answer = press(admin, PAGE, "(DE)ACTIVATE", choose(far.id, is_up=False), form="list")
    assert answer.status_code == 422
    assert "The device eth7 does not exist on this machine, which has: eth0." in answer.text
    assert store.snapshot().config.virtual[-1].active is False


def test_activating_a_second_service_on_one_key_is_refused(
    admin: Person, settings: Settings, store: Store
) -> None:
    save_cluster(settings, store, replace(WEB, name="twin", active=False, server=()))
    twin = store.snapshot().virtual[-1]
    answer = press(admin, PAGE, "(DE)ACTIVATE", choose(twin.id, is_up=False), form="list")
    assert answer.status_code == 422
    assert "is already used by &#39;web&#39;" in answer.text


def test_deactivating_is_never_refused(admin: Person, settings: Settings, store: Store) -> None:
    save_cluster(settings, store, VirtualServer(name="broken", active=True))
    broken = store.snapshot().virtual[-1]
    assert press(admin, PAGE, "(DE)ACTIVATE", choose(broken.id, is_up=True), form="list").status_code == 303
    assert store.snapshot().config.virtual[-1].active is False


def test_delete_asks_first_and_says_what_goes(admin: Person, store: Store, ids: Ids) -> None:
    asked = admin.follow(press(admin, PAGE, "DELETE", choose(ids.web, is_up=True), form="list"))
    assert "<b>web</b>" in asked.text
    assert "2 real servers" in asked.text
    assert "It is active" in asked.text
    assert len(store.snapshot().virtual) == 2


def test_the_confirmed_delete_deletes(admin: Person, settings: Settings, store: Store, ids: Ids) -> None:
    press(admin, f"/virtual/{ids.web}/delete", "DELETE", form="delete")
    assert [row.virtual.name for row in store.snapshot().virtual] == ["mail"]
    assert "virtual web" not in settings.lvs_cf.read_text()


def test_a_delete_confirmed_too_late_shows_the_page_again(admin: Person, store: Store, ids: Ids) -> None:
    page = admin.get(f"/virtual/{ids.web}/delete")
    press(admin, f"/virtual/{ids.web}", "ACCEPT", {"port": "8080"})
    answer = press(admin, page, "DELETE", form="delete")
    assert answer.status_code == 409
    assert "Check it again before you delete it." in answer.text
    assert len(store.snapshot().virtual) == 2


def test_without_a_selected_row_it_says_so(admin: Person, ids: Ids) -> None:
    answer = admin.follow(press(admin, PAGE, "EDIT", {"selected_host": None}, form="list"))
    assert "No virtual server is selected" in answer.text


def test_a_button_no_page_of_ours_has_changes_nothing(admin: Person, store: Store, ids: Ids) -> None:
    for address in (PAGE, f"/virtual/{ids.web}/real"):
        fields = {"selected_host": f"{ids.web}.1", "virtual_service": "X", "real_service": "X"}
        assert admin.send(address, fields).status_code == 400
    assert store.snapshot().serial_no == 1


@pytest.mark.parametrize("nonsense", ["x", "1", "1.7", "-1.0", "1.0.0", "9" * 40 + ".1"])
def test_a_choice_no_page_of_ours_sends_is_refused(admin: Person, ids: Ids, nonsense: str) -> None:
    assert press(admin, PAGE, "EDIT", {"selected_host": nonsense}, form="list").status_code == 400


def test_in_kernel_is_a_question_mark_while_pulse_is_stopped(admin: Person, ids: Ids) -> None:
    html = admin.get(PAGE).text
    assert "?</span>" in html
    assert "pulse is stopped" in html


def test_in_kernel_counts_the_servers_that_are_there(admin: Person, ids: Ids, pulse: PulseDouble) -> None:
    pulse.report["applied"] = {"serial_no": 1, "at": 0.0, "duration_ms": 1.0, "changes": 0, "remained": []}
    service = pulse.report["services"][0]
    destination = service["destinations"][0]
    destination.update({"name": "rs1", "address": "192.168.26.21", "port": 80})
    service.update({"owner": "web", "position": 0, "destinations": [destination]})
    pulse.report["services"] = [service]
    html = admin.get(PAGE).text
    assert "yes, 1 of 2 servers" in html
    assert "deactivated: press (DE)ACTIVATE" in html


def test_in_kernel_is_unknown_while_pulse_has_another_serial(admin: Person, ids: Ids, pulse: PulseDouble) -> None:
    assert "pulse has not applied it yet" in admin.get(PAGE).text
