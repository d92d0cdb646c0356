"""TEST NOW: the checks run once, as they stand on the page, and what was said on the wire is shown."""

from dataclasses import replace
from ipaddress import ip_address

import pytest

from app.lvs.grammar.reader import parse
from app.lvs.model.config import Config, RealServer
from app.settings import Settings
from app.store import Store
from tests.web.clusters import WEB, Ids, save, save_cluster
from tests.web.filled_form import FilledForm, press
from tests.web.person import Person
from tests.web.pulse_double import PulseDouble


@pytest.fixture
def ids(settings: Settings, store: Store) -> Ids:
    return save_cluster(settings, store)


@pytest.fixture
def scripts(ids: Ids) -> str:
    return f"/virtual/{ids.web}/scripts"


def asked(pulse: PulseDouble) -> Config:
    [question] = pulse.tested
    assert question["index"] is None
    config = parse(question["text"].encode()).config
    assert config
    return config


def test_it_shows_each_server_step_by_step(admin: Person, scripts: str, pulse: PulseDouble) -> None:
    html = press(admin, scripts, "TEST NOW").text
    assert "</span> passed</span> send and expect, 192.168.26.21 port 80" in html
    assert "</span> failed</span>" in html
    assert "TCP connect to 192.168.26.22:80: refused" in html
    assert "received &#39;HTTP/1.1 200 OK" in html
    assert ">0.4 ms</span>" in html


def test_what_is_typed_is_tested_and_nothing_is_saved(
    admin: Person, store: Store, scripts: str, pulse: PulseDouble
) -> None:
    before = store.snapshot().serial_no
    changes: dict[str, str | None] = {"check": "http", "check_path": "/ready", "check_password": "hunter2"}
    answer = press(admin, scripts, "TEST NOW", changes)
    virtual = asked(pulse).virtual[0]
    assert (virtual.check, virtual.check_path, virtual.check_password) == ("http", "/ready", "hunter2")
    assert store.snapshot().serial_no == before
    assert "with the settings on this page, which are not saved" in answer.text
    fields = FilledForm.on(answer.text, "edit").fields
    assert (fields["check"], fields["check_path"], fields["check_password"]) == ("http", "/ready", "hunter2")


def test_what_was_typed_can_be_accepted_after_the_test(
    admin: Person, store: Store, scripts: str, pulse: PulseDouble
) -> None:
    tested = press(admin, scripts, "TEST NOW", {"check": "http", "check_path": "/ready"})
    press(admin, tested, "ACCEPT")
    virtual = store.snapshot().config.virtual[0]
    assert (virtual.check, virtual.check_path) == ("http", "/ready")


def test_a_box_that_cannot_be_read_is_not_tested(admin: Person, scripts: str, pulse: PulseDouble) -> None:
    answer = press(admin, scripts, "TEST NOW", {"check_port": "many"})
    assert answer.status_code == 422
    assert "is not a number" in answer.text
    assert pulse.tested == []


def test_only_the_virtual_server_itself_is_sent(admin: Person, scripts: str, pulse: PulseDouble) -> None:
    press(admin, scripts, "TEST NOW")
    config = asked(pulse)
    assert [virtual.name for virtual in config.virtual] == ["web"]
    assert [server.name for server in config.virtual[0].server] == ["rs1", "rs2"]


def test_more_servers_than_are_tested_at_a_time_are_left_out_and_that_is_said(
    admin: Person, settings: Settings, store: Store, pulse: PulseDouble
) -> None:
    servers = tuple(
        RealServer(name=f"s{n}", address=ip_address(f"10.0.0.{n + 1}"), active=True) for n in range(18)
    )
    save_cluster(settings, store, replace(WEB, name="large", port=81, server=servers))
    row = store.snapshot().virtual[2]
    html = press(admin, f"/virtual/{row.id}/scripts", "TEST NOW").text
    assert len(asked(pulse).virtual[0].server) == 16
    assert "2 more servers were not tested" in html


def test_each_line_of_the_list_tests_its_own_server(admin: Person, ids: Ids, pulse: PulseDouble) -> None:
    page = f"/virtual/{ids.web}/real"
    filled = FilledForm.on(admin.get(page).text, "list")
    answer = admin.client.post(page, data={**filled.fields, "test": str(ids.rs2)})
    assert [server.name for server in asked(pulse).virtual[0].server] == ["rs2"]
    assert "</span> passed</span>" in answer.text
    assert FilledForm.on(answer.text, "list").fields["selected_host"] == f"{ids.rs2}.1"


def test_a_server_that_is_gone_is_not_tested(admin: Person, ids: Ids, pulse: PulseDouble) -> None:
    answer = admin.send(f"/virtual/{ids.web}/real", {"test": "999"})
    assert answer.status_code == 404
    assert pulse.tested == []


def test_without_pulse_nothing_can_be_asked_and_it_says_so(admin: Person, scripts: str) -> None:
    answer = press(admin, scripts, "TEST NOW", {"check_path": "/ready"})
    assert answer.status_code == 200
    assert "The checks cannot be run without pulse. pulse is not running" in answer.text
    assert FilledForm.on(answer.text, "edit").fields["check_path"] == "/ready"


def test_a_virtual_server_without_servers_says_what_is_missing(
    admin: Person, settings: Settings, store: Store, pulse: PulseDouble
) -> None:
    save_cluster(settings, store, replace(WEB, name="empty", port=81, server=()))
    row = store.snapshot().virtual[2]
    assert "There is no real server to test" in press(admin, f"/virtual/{row.id}/scripts", "TEST NOW").text
    assert pulse.tested == []


def test_what_a_server_says_is_never_markup(admin: Person, scripts: str, pulse: PulseDouble) -> None:
    check = pulse.trial["servers"][0]["checks"][0]
    check["message"] = "<script>alert(1)</script>"
    check["steps"][0]["text"] = "<script>alert(2)</script>"
    assert "<script>alert" not in press(admin, scripts, "TEST NOW").text


def test_what_a_latin1_file_sends_is_tested_as_latin1(
    admin: Person, settings: Settings, store: Store, pulse: PulseDouble
) -> None:
    text = 'virtual web {\n port = 80\n send = "straße"\n server a {\n address = 192.0.2.11\n }\n}\n'
    for encoding in ("latin-1", "utf-8"):
        save(settings, store, parse(text.encode(encoding)).config or Config())
        press(admin, f"/virtual/{store.snapshot().virtual[0].id}/scripts", "TEST NOW")
    assert [question.get("is_latin1", False) for question in pulse.tested] == [True, False]
