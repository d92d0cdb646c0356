"""Many rows at once: the page that says the effect, the one revision, the UNDO."""

import html
import re
from dataclasses import replace
from ipaddress import IPv6Address
from typing import cast

import pytest
from werkzeug.test import TestResponse

from app.lvs.model.config import RealServer
from app.lvs.model.values import AdminState, Floating
from app.lvs.reports.status import ServerReport
from app.settings import Settings
from app.store import Store
from app.web.change.answer import seen_serial
from app.web.status import pulse_client
from app.web.table import bulk
from tests.web.clusters import WEB, Ids, save_cluster
from tests.web.person import Person
from tests.web.pulse_double import PulseDouble


@pytest.fixture
def ids(settings: Settings, store: Store) -> Ids:
    return save_cluster(settings, store)


@pytest.fixture
def known(pulse: PulseDouble, ids: Ids, monkeypatch: pytest.MonkeyPatch) -> PulseDouble:
    """A pulse that has applied the cluster, both servers of web up."""
    monkeypatch.setattr(pulse_client, "KEPT_S", 0.0)
    pulse.report["applied"] = {"serial_no": 1, "at": 0.0, "duration_ms": 1.0, "changes": 0, "remained": []}
    servers = pulse.report["servers"][:2]
    for index, name in enumerate(("rs1", "rs2")):
        servers[index].update({"index": index, "name": name})
    pulse.report["servers"] = servers
    for number, report in enumerate(pulse.report["services"][0]["destinations"][:2]):
        report["name"] = f"rs{number + 1}"
    pulse.report["services"] = pulse.report["services"][:1]
    return pulse


def text_of(page: TestResponse) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page.text)))


def press(person: Person, action: str, *picks: str, **more: str) -> TestResponse:
    """Press a button below the table with some rows ticked."""
    return person.send("/control/change", {"change": action, "more": " ".join(picks), **more}, on="/control")


def confirm(person: Person, page: TestResponse, **fields: str) -> TestResponse:
    """Press CONFIRM on the page that says the effect."""
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page.text))
    hidden = {name: html.unescape(value) for name, value in hidden.items()}
    return person.client.post("/control/change", data={**hidden, "change": "CONFIRM", **fields})


def test_without_a_row_nothing_is_asked_and_it_is_said_how_one_is_chosen(admin: Person, ids: Ids) -> None:
    answer = press(admin, "DRAIN")
    assert answer.status_code == 303
    assert "No row that DRAIN can change is selected" in admin.follow(answer).text


def test_a_button_no_page_has_is_a_bad_request(admin: Person, ids: Ids) -> None:
    assert press(admin, "EXPLODE", f"v{ids.web}").status_code == 400


def test_a_row_that_is_gone_is_no_row(admin: Person, ids: Ids) -> None:
    assert press(admin, "DRAIN", "r999999", "v7x", "nonsense").status_code == 303


def test_the_effect_is_said_before_anything_is_done(
    admin: Person, known: PulseDouble, ids: Ids, store: Store
) -> None:
    page = press(admin, "DRAIN", f"r{ids.rs1}")
    text = text_of(page)
    assert "1 real server in 1 virtual server, as one change." in text
    assert "No new clients; open connections continue" in text
    assert "web rs1 i stays up 2 1" in text
    assert "They have 12 active connections now." in text
    assert store.snapshot().serial_no == 1


def test_that_nothing_stays_up_is_said_first(admin: Person, known: PulseDouble, ids: Ids) -> None:
    text = text_of(press(admin, "DRAIN", f"r{ids.rs1}", f"r{ids.rs2}"))
    assert "1 service would have no server left" in text
    assert "web rs1, rs2 ✗ no server left: clients are refused 2 0" in text


def test_a_server_that_is_down_already_does_not_count_as_staying(
    admin: Person, known: PulseDouble, ids: Ids
) -> None:
    known.report["servers"][1].update({"state": "down", "is_in": False, "weight": None})
    assert "web rs1 ✗ no server left: clients are refused 1 0" in text_of(press(admin, "DRAIN", f"r{ids.rs1}"))


def test_without_pulse_the_effect_is_what_the_configuration_says(admin: Person, ids: Ids) -> None:
    text = text_of(press(admin, "DEACTIVATE", f"v{ids.web}"))
    assert "pulse does not report the current state of the servers" in text
    assert "web itself ✗ no server left: clients are refused 2 0" in text


def test_of_a_deactivated_service_nothing_changes_for_clients(admin: Person, ids: Ids) -> None:
    assert "deactivated: no effect on clients now" in text_of(press(admin, "DRAIN", f"v{ids.mail}"))


def test_confirmed_it_is_one_revision_with_its_author(
    admin: Person, known: PulseDouble, ids: Ids, store: Store
) -> None:
    page = press(admin, "DRAIN", f"r{ids.rs1}", f"v{ids.mail}", back="filter=web&rate=2")
    answer = confirm(admin, page, admin_reason="disks")
    assert answer.location == "/control?rate=2&filter=web&undo=2"
    web, mail = store.snapshot().config.virtual
    assert [server.admin_state for server in web.server] == [AdminState.DRAIN, None]
    assert mail.server[0].admin_state is AdminState.DRAIN
    assert web.server[0].admin_reason == "disks"
    [head] = store.revisions(1)
    assert (head.serial_no, head.author) == (2, "admin")
    assert head.summary == "drain: 2 real servers: rs1 of web, mx1 of mail"


@pytest.mark.parametrize("action", ["DEACTIVATE", "ACTIVATE"])
def test_a_virtual_server_itself_is_switched_and_not_its_servers(
    admin: Person, ids: Ids, store: Store, action: str
) -> None:
    page = press(admin, action, f"v{ids.web}", f"v{ids.mail}")
    assert "2 virtual servers in 2 virtual servers" in text_of(page)
    confirm(admin, page)
    virtual = store.snapshot().config.virtual
    assert [block.active for block in virtual] == [action == "ACTIVATE"] * 2
    assert all(server.active for block in virtual for server in block.server)


def test_a_weight_is_set_for_all_of_them(admin: Person, ids: Ids, store: Store) -> None:
    page = press(admin, "SET WEIGHT", f"v{ids.web}")
    confirm(admin, page, weight="7")
    assert [server.weight for server in store.snapshot().config.virtual[0].server] == [7, 7]
    assert store.revisions(1)[0].summary == "set weight 7: 2 real servers: rs1 of web, rs2 of web"


@pytest.mark.parametrize(("weight", "words"), [("", "Enter a number"), ("many", "is not a number")])
def test_a_weight_that_is_none_is_asked_for_again(
    admin: Person, ids: Ids, store: Store, weight: str, words: str
) -> None:
    again = confirm(admin, press(admin, "SET WEIGHT", f"v{ids.web}"), weight=weight)
    assert again.status_code == 422
    assert words in again.text
    assert f'value="r{ids.rs1} r{ids.rs2}"' in again.text
    assert store.snapshot().serial_no == 1


def test_a_weight_the_rules_refuse_is_not_saved(admin: Person, ids: Ids, store: Store) -> None:
    again = confirm(admin, press(admin, "SET WEIGHT", f"v{ids.web}"), weight="70000")
    assert again.status_code == 422
    assert "65535" in again.text
    assert store.snapshot().serial_no == 1


def test_a_host_is_chosen_in_all_it_serves(admin: Person, ids: Ids, store: Store) -> None:
    confirm(admin, press(admin, "MAINTENANCE", "h192.168.26.22"))
    assert [server.admin_state for server in store.snapshot().config.virtual[0].server] == [
        None,
        AdminState.MAINTENANCE,
    ]


def test_everything_found_is_chosen_by_the_filter(
    admin: Person, known: PulseDouble, ids: Ids, store: Store
) -> None:
    page = press(admin, "DRAIN", scope="servers", back="filter=rs:rs2")
    assert "1 real server in 1 virtual server" in text_of(page)
    confirm(admin, page)
    assert [server.admin_state for server in store.snapshot().config.virtual[0].server] == [None, AdminState.DRAIN]
    known.report["applied"] = {"serial_no": 2, "at": 0.0, "duration_ms": 1.0, "changes": 0, "remained": []}
    page = press(admin, "DEACTIVATE", scope="services", back="filter=web")
    assert "1 virtual server in 1 virtual server" in text_of(page)


def test_what_was_changed_meanwhile_is_looked_at_again(
    admin: Person, ids: Ids, store: Store, settings: Settings
) -> None:
    page = press(admin, "DEACTIVATE", f"v{ids.web}")
    confirm(admin, press(admin, "ACTIVATE", f"v{ids.web}", f"v{ids.mail}"))
    confirm(admin, press(admin, "DEACTIVATE", f"v{ids.web}"))
    again = confirm(admin, page)
    assert again.status_code == 409
    assert "Some of these rows were changed after this page was opened" in again.text
    assert store.snapshot().serial_no == 3


def test_cancel_goes_back_to_the_same_rows(admin: Person, ids: Ids, store: Store) -> None:
    page = press(admin, "DRAIN", f"r{ids.rs1}", back="rate=2&filter=web&sort=-active")
    answer = confirm(admin, page, change="CANCEL")
    assert answer.location == "/control?rate=2&filter=web&sort=-active"
    assert store.snapshot().serial_no == 1


def test_undo_puts_everything_back_but_what_changed_since(admin: Person, ids: Ids, store: Store) -> None:
    answer = confirm(admin, press(admin, "SET WEIGHT", f"v{ids.web}", f"v{ids.mail}"), weight="0")
    page = admin.follow(answer)
    assert "Done: set weight 0: 3 real servers" in page.text
    confirm(admin, press(admin, "SET WEIGHT", f"r{ids.rs2}"), weight="5")
    undone = admin.send("/control/undo/2", on=answer.location or "")
    assert undone.status_code == 303
    web, mail = store.snapshot().config.virtual
    assert [server.weight for server in (*web.server, *mail.server)] == [1, 5, 1]
    assert store.revisions(1)[0].summary == "undone 2, except 1 changed since"
    assert "UNDO" not in admin.get(answer.location or "").text


def test_undo_of_an_activation_is_a_deactivation(admin: Person, ids: Ids, store: Store) -> None:
    answer = confirm(admin, press(admin, "ACTIVATE", f"v{ids.mail}"))
    admin.send("/control/undo/2", on=answer.location or "")
    assert not store.snapshot().config.virtual[1].active


@pytest.mark.parametrize("serial_no", [1, 99])
def test_what_was_no_change_of_rows_is_not_undone_here(
    admin: Person, ids: Ids, store: Store, serial_no: int
) -> None:
    assert "UNDO" not in admin.get(f"/control?undo={serial_no}").text
    answer = admin.send(f"/control/undo/{serial_no}", on="/control")
    assert "is not a change of rows that can be undone" in admin.follow(answer).text
    assert store.snapshot().serial_no == 1


def test_only_rows_of_the_saved_configuration_can_be_chosen(admin: Person, known: PulseDouble, ids: Ids) -> None:
    page = admin.get("/control").text
    assert f'value="v{ids.web}" form="act" aria-label="Select web"' in page
    assert f'value="r{ids.rs1}" form="act" aria-label="Select rs1 of web"' in page
    known.report["applied"] = None
    assert 'name="pick"' not in admin.get("/control").text


def test_names_are_never_markup(admin: Person, known: PulseDouble, ids: Ids) -> None:
    known.report["servers"][0] = cast(ServerReport, {**known.report["servers"][0], "name": "<script>alert(1)"})
    assert "<script>alert" not in press(admin, "DRAIN", f"v{ids.web}").text


@pytest.mark.parametrize("weight", ["9" * 5000, "٣" * 20, "-1", "1e5"])
def test_a_weight_of_thousands_of_digits_is_refused_like_any_other(
    admin: Person, ids: Ids, store: Store, weight: str
) -> None:
    again = confirm(admin, press(admin, "SET WEIGHT", f"v{ids.web}"), weight=weight)
    assert again.status_code == 422
    assert store.snapshot().serial_no == 1


@pytest.mark.parametrize("scope", ["servers", "services"])
def test_all_found_is_not_everything_because_the_filter_is_mistyped(
    admin: Person, known: PulseDouble, ids: Ids, scope: str
) -> None:
    answer = press(admin, "DRAIN", scope=scope, back="filter=state:dwon")
    assert answer.status_code == 303
    text = html.unescape(admin.follow(answer).text)
    assert "“state:dwon” is not a state" in text
    assert "fix the filter, then press DRAIN again" in text


def test_no_row_is_taken_for_another_after_an_edit_by_hand_that_kept_the_serial(
    admin: Person, known: PulseDouble, ids: Ids, settings: Settings
) -> None:
    assert 'value="v' in admin.get("/control").text
    # As pulse has it then: the same serial, other virtual servers at these places.
    settings.lvs_cf.write_bytes(settings.lvs_cf.read_bytes().replace(b"web", b"shop"))
    assert 'value="v' not in admin.get("/control").text
    answer = press(admin, "DRAIN", scope="servers", back="")
    assert answer.status_code == 303
    assert "pulse does not report the current state of the servers" in text_of(
        press(admin, "DRAIN", f"r{ids.rs1}")
    )


def test_a_host_is_chosen_by_its_address_as_the_table_writes_it(
    admin: Person, settings: Settings, store: Store
) -> None:
    host = RealServer(name="mapped", address=IPv6Address("::ffff:192.0.2.1"), active=True)
    six = replace(WEB, name="six", address=Floating(IPv6Address("2001:db8::1"), "eth0:3"), server=(host,))
    save_cluster(settings, store, six)
    assert "1 real server in 1 virtual server" in text_of(press(admin, "DRAIN", "h::ffff:192.0.2.1"))
    assert press(admin, "DRAIN", "hNone", "h").status_code == 303


def test_what_changes_in_the_very_moment_is_shown_as_it_is_before_it_can_be_confirmed_again(
    admin: Person, ids: Ids, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = press(admin, "DRAIN", f"r{ids.rs1}")

    def somebody_else_is_faster() -> int:
        with store.edit("anna", None) as edit:
            edit.set_server(ids.rs1, replace(WEB.server[0], weight=0))
            edit.finish("no new clients", b"")
        return seen_serial()

    monkeypatch.setattr(bulk, "seen_serial", somebody_else_is_faster)
    again = confirm(admin, page)
    assert again.status_code == 409
    assert 'name="serial" value="2"' in again.text
    assert "web rs1 i stays up 1 1" in text_of(again)
