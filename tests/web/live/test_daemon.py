"""DAEMON: what pulse says of itself, and stopping and starting it."""

from dataclasses import replace
from pathlib import Path

import pytest

from app.lvs.model.values import OnStop
from app.settings import Settings
from app.store import Store
from tests.host.systemctl import Systemctl
from tests.web.clusters import save, save_cluster
from tests.web.filled_form import press
from tests.web.page_text import text_of
from tests.web.person import Person
from tests.web.pulse_double import PulseDouble

UNIT = "palometa-pulse.service"


@pytest.fixture
def systemctl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings, store: Store) -> Systemctl:
    save_cluster(settings, store)
    directory = tmp_path / "systemd"
    directory.mkdir()
    return Systemctl(directory, monkeypatch)


def unit(systemctl: Systemctl, state: str, pid: int) -> None:
    systemctl.says(f"LoadState=loaded\nActiveState={state}\nMainPID={pid}")


def test_it_says_how_pulse_is(admin: Person, pulse: PulseDouble) -> None:
    text = text_of(admin.get("/daemon").text)
    assert "running process" in text
    assert "serial 42 at" in text
    assert "4 changes in 3.2 ms" in text
    assert "the last one took 1.4 ms" in text
    assert "mean 0.1 ms, max 2.5 ms" in text
    assert "4 distinct checks, 0.8 runs per second" in text
    assert 'href="/daemon"' in admin.get("/control").text


def test_look_again_asks_pulse_and_tells_what_came_of_it(admin: Person, pulse: PulseDouble) -> None:
    answer = press(admin, "/daemon", "LOOK AGAIN", form="act")
    assert answer.status_code == 303
    assert "applied 42" in admin.follow(answer).text


def test_without_systemd_it_says_how_it_is_done_by_hand(admin: Person, pulse: PulseDouble) -> None:
    page = admin.get("/daemon").text
    assert f"kill {pulse.report['pid']}" in page
    assert "STOP" not in page
    assert "kill" in admin.get("/daemon/stop").text


def test_a_stopped_pulse_without_systemd_is_started_by_hand(admin: Person) -> None:
    page = admin.get("/daemon").text
    assert "as root: <code>palometa pulse</code>" in page
    assert "START" not in page


def test_stop_says_first_that_traffic_goes_on_then_stops(
    admin: Person, pulse: PulseDouble, systemctl: Systemctl
) -> None:
    unit(systemctl, "active", pulse.report["pid"])
    assert 'href="/daemon/stop"' in admin.get("/daemon").text
    asked = admin.get("/daemon/stop")
    assert "on_stop = keep: services and virtual IPs stay" in asked.text
    answer = press(admin, asked, "STOP", form="stop")
    assert answer.location == "/daemon"
    assert systemctl.asked[-1] == f"--no-ask-password stop {UNIT}"


def test_stop_says_first_that_clients_lose_their_service_where_it_is_so(
    admin: Person, pulse: PulseDouble, systemctl: Systemctl, settings: Settings, store: Store
) -> None:
    unit(systemctl, "active", pulse.report["pid"])
    save(settings, store, replace(store.snapshot().config, on_stop=OnStop.WITHDRAW))
    text = text_of(admin.get("/daemon/stop").text)
    assert "this director no longer serves clients" in text
    assert "pulse uses the configuration it last applied, which is a different one" in text


def test_a_refusal_is_shown_in_the_managers_words(
    admin: Person, pulse: PulseDouble, systemctl: Systemctl, monkeypatch: pytest.MonkeyPatch
) -> None:
    unit(systemctl, "active", pulse.report["pid"])
    asked = admin.get("/daemon/stop")
    systemctl.refuses_acts("Interactive authentication required.")
    answer = press(admin, asked, "STOP", form="stop")
    assert answer.status_code == 502
    assert "systemd refused: Interactive authentication required." in answer.text


def test_a_pulse_that_is_not_systemds_is_not_stopped_by_it(
    admin: Person, pulse: PulseDouble, systemctl: Systemctl
) -> None:
    unit(systemctl, "active", pulse.report["pid"])
    asked = admin.get("/daemon/stop")
    unit(systemctl, "inactive", 0)
    assert "was not started by systemd" in press(admin, asked, "STOP", form="stop").text
    assert not [line for line in systemctl.asked if "stop" in line.split()]


def test_a_stopped_pulse_is_started_by_systemd(admin: Person, systemctl: Systemctl) -> None:
    unit(systemctl, "failed", 0)
    page = admin.get("/daemon")
    assert f"{UNIT} is failed" in page.text
    answer = press(admin, page, "START", form="act")
    assert systemctl.asked[-1] == f"--no-ask-password start {UNIT}"
    assert "pulse has been started." in admin.follow(answer).text


def test_one_that_runs_and_is_silent_is_said_to_be(admin: Person, systemctl: Systemctl) -> None:
    unit(systemctl, "active", 4711)
    page = admin.get("/daemon").text
    assert "as running (process 4711). Its log: <code>journalctl -u" in page
    assert "START" not in page
    assert "process 4711 is running but does not answer" in page
    assert "stopped" not in page


def test_a_start_that_is_refused_is_told(admin: Person, systemctl: Systemctl) -> None:
    unit(systemctl, "inactive", 0)
    page = admin.get("/daemon")
    systemctl.refuses_acts("Access denied")
    assert "systemd refused: Access denied" in admin.follow(press(admin, page, "START", form="act")).text


def test_one_that_runs_is_not_started_again(admin: Person, systemctl: Systemctl, pulse: PulseDouble) -> None:
    unit(systemctl, "active", pulse.report["pid"])
    answer = admin.send("/daemon", {"action": "START"})
    assert "is already running" in admin.follow(answer).text
    assert not [line for line in systemctl.asked if "start" in line.split()]


def test_another_button_than_these_is_a_bad_request(admin: Person, pulse: PulseDouble) -> None:
    assert admin.send("/daemon", {"action": "FLUSH"}).status_code == 400
