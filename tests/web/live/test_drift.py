"""DRIFT and ADOPT, as the server renders them."""

import html

import pytest

from app.host.files.atomic_file import read
from app.lvs.desired.table import desired
from app.lvs.grammar.reader import parse
from app.lvs.ipvs.service_json import service_from_json
from app.lvs.model.check_kinds import CheckKind
from app.lvs.pair.interface_names import DeviceNames
from app.settings import Settings
from app.store import Store
from tests.web.clusters import Ids, save_cluster
from tests.web.filled_form import press
from tests.web.page_text import text_of
from tests.web.person import Person
from tests.web.pulse_double import PulseDouble

ADOPT = "/drift/adopt?service=tcp+192.168.26.99:99"


@pytest.fixture
def ids(settings: Settings, store: Store) -> Ids:
    return save_cluster(settings, store)


def test_a_table_that_is_as_wanted_says_so(admin: Person, ids: Ids, pulse: PulseDouble) -> None:
    text = text_of(admin.get("/drift").text)
    assert "no drift The kernel matches the configuration." in text


def test_the_plan_is_shown_in_words_and_as_commands(admin: Person, ids: Ids, pulse: PulseDouble) -> None:
    command = "ipvsadm -e -t 192.168.26.10:80 -r 192.168.26.21:80 -g -w 1"
    pulse.drift["steps"] = [{"sentence": "The server <rs1>: make it so.", "command": command}]
    page = admin.get("/drift").text
    assert "1 step would make the kernel match the configuration" in text_of(page)
    assert "The server &lt;rs1&gt;: make it so." in page
    assert f"<code>{command}</code>" in page


def test_what_remained_and_what_was_repaired_are_told(admin: Person, ids: Ids, pulse: PulseDouble) -> None:
    pulse.report["applied"] = {
        "serial_no": 1,
        "at": 0.0,
        "duration_ms": 1.0,
        "changes": 0,
        "remained": ["no twos"],
    }
    pulse.report["repairs"] = [{"at": 1764001500.0, "commands": ["ipvsadm -D -t 192.168.26.10:80"]}]
    text = text_of(admin.get("/drift").text)
    assert "CHANGES THAT FAILED no twos" in text
    assert "ipvsadm -D -t 192.168.26.10:80" in text


def test_a_saved_serial_that_is_not_applied_is_told(admin: Person, ids: Ids, pulse: PulseDouble) -> None:
    pulse.report["applied"] = {"serial_no": 7, "at": 0.0, "duration_ms": 1.0, "changes": 0, "remained": []}
    assert "The saved configuration is serial 1, the applied one serial 7" in text_of(admin.get("/drift").text)


def test_before_anything_is_applied_nothing_is_known_to_be_wanted(admin: Person, pulse: PulseDouble) -> None:
    pulse.drift["is_known"] = False
    assert "No configuration has been applied yet" in text_of(admin.get("/drift").text)


def test_a_stopped_pulse_is_said_to_be(admin: Person, ids: Ids) -> None:
    assert "pulse is not running" in text_of(admin.get("/drift").text)
    answer = admin.get(ADOPT)
    assert answer.status_code == 409
    assert "pulse is not running" in text_of(answer.text)


def test_each_service_that_is_not_ours_leads_to_adopt(admin: Person, ids: Ids, pulse: PulseDouble) -> None:
    page = html.unescape(admin.get("/drift").text)
    assert "TCP 192.168.26.99:99 sed persistent 300 mask 255.255.255.0 2 " in text_of(page)
    assert 'href="/drift/adopt?service=tcp+192.168.26.99:99"' in page
    assert 'href="/drift"' in admin.get("/control").text


def test_a_virtual_server_of_ours_that_is_down_with_that_address_is_named(
    admin: Person, ids: Ids, pulse: PulseDouble
) -> None:
    pulse.drift["foreign"][0].update({"address": "192.168.26.11", "port": 25})
    assert "mail has the same address and is deactivated" in text_of(admin.get("/drift").text)


def test_adopting_writes_the_service_as_it_is_in_one_revision(
    admin: Person, ids: Ids, pulse: PulseDouble, store: Store, settings: Settings
) -> None:
    page = admin.get(ADOPT)
    assert "Everything is kept: nothing changes in the kernel" in text_of(page.text)
    answer = press(admin, page, "ACCEPT", {"name": "found", "device": "eth0:9"})
    added = store.snapshot().virtual[-1]
    assert answer.location == f"/virtual/{added.id}"
    assert (added.virtual.name, added.virtual.check, added.virtual.active) == ("found", CheckKind.NONE, True)
    assert [server.name for server in added.virtual.server] == ["rs1", "192.168.26.77"]
    assert store.snapshot().serial_no == 2
    assert store.revisions(1)[0].summary == "found: adopted tcp 192.168.26.99:99 from the kernel"
    config = parse(read(settings.lvs_cf) or b"").config
    assert config
    service = service_from_json(pulse.drift["foreign"][0])
    assert desired(config)[service.key] == service
    assert str(config.virtual[-1].address) == "192.168.26.99 eth0:9"


def test_another_address_than_the_services_own_is_not_taken(
    admin: Person, ids: Ids, pulse: PulseDouble, store: Store
) -> None:
    press(admin, ADOPT, "ACCEPT", {"name": "found", "address": "192.168.26.123"})
    assert str(store.snapshot().virtual[-1].virtual.address) == "192.168.26.99 eth0:1"


def test_what_lvs_cf_cannot_say_is_told_before_it_is_accepted(
    admin: Person, ids: Ids, pulse: PulseDouble, store: Store
) -> None:
    pulse.drift["foreign"][0]["destinations"][0]["port"] = 8099
    text = text_of(admin.get(ADOPT).text)
    assert "lvs.cf cannot express all of these settings" in text
    assert "ipvsadm -d -t 192.168.26.99:99 -r 192.168.26.21:8099" in text
    assert store.snapshot().serial_no == 1


def test_a_service_that_changed_meanwhile_is_shown_again(
    admin: Person, ids: Ids, pulse: PulseDouble, store: Store
) -> None:
    opened = admin.get(ADOPT)
    pulse.drift["foreign"][0]["destinations"][0]["weight"] = 55
    answer = press(admin, opened, "ACCEPT", {"name": "kept"})
    assert answer.status_code == 409
    assert "was changed in the kernel after this page was opened" in answer.text
    assert 'value="kept"' in answer.text
    assert "-w 55" in answer.text
    assert store.snapshot().serial_no == 1


def test_a_service_that_is_gone_is_said_to_be(admin: Person, ids: Ids, pulse: PulseDouble) -> None:
    pulse.drift["foreign"] = []
    answer = admin.get(ADOPT)
    assert answer.status_code == 409
    assert "has been removed from the kernel or already adopted" in answer.text


@pytest.mark.parametrize("word", ["", "?service=", "?service=tcp+x:y", "?service=%00"])
def test_what_names_no_service_is_a_bad_request(admin: Person, ids: Ids, pulse: PulseDouble, word: str) -> None:
    assert admin.get(f"/drift/adopt{word}").status_code == 400


def test_a_scheduler_lvs_cf_does_not_know_is_refused_with_what_to_do(
    admin: Person, ids: Ids, pulse: PulseDouble, store: Store
) -> None:
    pulse.drift["foreign"][0]["scheduler"] = "none"
    page = admin.get(ADOPT)
    assert "Its scheduler is" in page.text
    answer = press(admin, page, "ACCEPT")
    assert answer.status_code == 422
    assert "with ipvsadm -E first" in answer.text
    assert store.snapshot().serial_no == 1


def test_a_mark_asks_for_an_address_only_where_it_needs_one(
    admin: Person, ids: Ids, pulse: PulseDouble, store: Store
) -> None:
    pulse.drift["foreign"][0].update(
        {"transport": "NONE", "address": "", "port": 0, "fwmark": 7, "family": 4, "destinations": []}
    )
    page = admin.get("/drift/adopt?service=fwm+7")
    assert 'name="address"' in page.text
    press(admin, page, "ACCEPT")
    assert (store.snapshot().virtual[-1].virtual.fwmark, store.snapshot().virtual[-1].virtual.address) == (7, None)
    pulse.drift["foreign"][0].update({"family": 6, "netmask": 128})
    page = admin.get("/drift/adopt?service=fwm+7+IPv6")
    assert "needs an IPv6 address" in page.text
    assert press(admin, page, "ACCEPT").status_code == 422
    answer = press(admin, page, "ACCEPT", {"address": "2001:db8::26", "device": "eth0"})
    assert answer.status_code == 303
    assert str(store.snapshot().virtual[-1].virtual.address) == "2001:db8::26 eth0"


def test_a_device_that_cannot_be_is_refused_beside_its_box(
    admin: Person, ids: Ids, pulse: PulseDouble, store: Store
) -> None:
    answer = press(admin, ADOPT, "ACCEPT", {"device": "nosuch0:1"})
    assert answer.status_code == 422
    assert "The device nosuch0 does not exist on this machine" in answer.text
    answer = press(admin, ADOPT, "ACCEPT", {"name": "", "device": ""})
    assert answer.status_code == 422
    assert store.snapshot().serial_no == 1


def test_cancel_leaves_it_alone(admin: Person, ids: Ids, pulse: PulseDouble, store: Store) -> None:
    assert press(admin, ADOPT, "CANCEL").location == "/drift"
    assert store.snapshot().serial_no == 1


def test_in_a_pair_the_device_that_is_proposed_has_the_name_both_routers_know(
    admin: Person, ids: Ids, pulse: PulseDouble, store: Store
) -> None:
    for device in pulse.report["devices"]:
        device["name"] = device["name"].replace("eth", "ens")
    store.partners.set_device_names(DeviceNames({"eth0": "ens0"}), b"", b"")
    page = admin.get(ADOPT).text
    assert 'name="device" value="eth0:1"' in page
    assert "ens0:1" not in page
