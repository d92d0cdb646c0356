"""REDUNDANCY: the second router's settings are kept and written."""

from ipaddress import IPv4Address

import pytest

from app.settings import Settings
from app.store import Store
from app.web.status import pulse_client
from tests.web.filled_form import press
from tests.web.pair_double import owner
from tests.web.person import Person
from tests.web.pulse_double import PulseDouble

PAGE = "/redundancy"


def test_it_offers_only_enable_while_there_is_no_backup(admin: Person) -> None:
    html = admin.get(PAGE).text
    assert "ENABLE" in html
    assert "inactive" in html
    assert "Heartbeat interval" not in html


def test_it_says_how_long_a_take_over_takes_with_these_values(admin: Person) -> None:
    press(admin, PAGE, "ENABLE")
    assert "4.5 s. After a failure the backup takes over within 16.2 s" in admin.get(PAGE).text
    press(admin, PAGE, "ACCEPT", {"advert_ms": "100"})
    assert "0.1 s. After a failure the backup takes over within 0.4 s" in admin.get(PAGE).text


def test_enable_shows_the_settings_with_piranhas_first_values(admin: Person, store: Store) -> None:
    assert press(admin, PAGE, "ENABLE").status_code == 303
    html = admin.get(PAGE).text
    assert store.snapshot().config.backup_active is True
    for label, value in (
        ("Heartbeat interval", "6"),
        ("Assume dead after", "18"),
        ("Heartbeat runs on port", "539"),
    ):
        assert label in html
        assert f'value="{value}"' in html


def test_accept_saves_and_writes_every_value(admin: Person, settings: Settings, store: Store) -> None:
    press(admin, PAGE, "ENABLE")
    changes: dict[str, str | None] = {
        "backup": "192.168.26.3",
        "keepalive": "2",
        "deadtime": "12",
        "heartbeat_port": "1050",
        "monitor_links": "1",
        "syncdaemon": "1",
        "syncd_iface": "eth1",
        "syncd_id": "7",
    }
    assert press(admin, PAGE, "ACCEPT", changes).status_code == 303
    config = store.snapshot().config
    assert config.backup == IPv4Address("192.168.26.3")
    assert (config.keepalive, config.deadtime, config.heartbeat_port) == (2, 12, 1050)
    assert (config.monitor_links, config.syncdaemon, config.syncd_iface, config.syncd_id) == (1, True, "eth1", 7)
    text = settings.lvs_cf.read_text()
    for line in ("heartbeat = 1", "backup = 192.168.26.3", "monitor_links = 1", "syncdaemon = 1", "syncd_id = 7"):
        assert f"{line}\n" in text


def test_a_check_box_can_be_cleared(admin: Person, store: Store) -> None:
    press(admin, PAGE, "ENABLE")
    press(admin, PAGE, "ACCEPT", {"syncdaemon": "1"})
    press(admin, PAGE, "ACCEPT", {"syncdaemon": None})
    assert store.snapshot().config.syncdaemon is False


def test_the_private_address_is_asked_for_only_when_the_primary_has_one(admin: Person) -> None:
    press(admin, PAGE, "ENABLE")
    assert "Redundant server private IP" not in admin.get(PAGE).text
    press(admin, "/global", "ACCEPT", {"primary_private": "10.9.0.1"})
    assert "Redundant server private IP" in admin.get(PAGE).text


def test_disable_keeps_the_values(admin: Person, store: Store) -> None:
    press(admin, PAGE, "ENABLE")
    press(admin, PAGE, "ACCEPT", {"backup": "192.168.26.3"})
    press(admin, PAGE, "DISABLE")
    config = store.snapshot().config
    assert (config.backup_active, config.backup) == (False, IPv4Address("192.168.26.3"))


def test_reset_puts_the_first_values_back_and_leaves_the_check_boxes(admin: Person, store: Store) -> None:
    press(admin, PAGE, "ENABLE")
    press(admin, PAGE, "ACCEPT", {"backup": "192.168.26.3", "keepalive": "2", "syncdaemon": "1"})
    press(admin, PAGE, "RESET")
    config = store.snapshot().config
    assert (config.backup, config.keepalive, config.syncdaemon) == (IPv4Address("0.0.0.0"), 6, True)


def test_a_deadtime_shorter_than_the_interval_is_a_warning_that_does_not_block(
    admin: Person, store: Store
) -> None:
    press(admin, PAGE, "ENABLE")
    assert press(admin, PAGE, "ACCEPT", {"keepalive": "20"}).status_code == 303
    html = admin.get(PAGE).text
    assert "is not longer than the heartbeat interval" in html
    assert store.snapshot().config.keepalive == 20


def test_a_sync_id_out_of_range_is_refused(admin: Person) -> None:
    press(admin, PAGE, "ENABLE")
    answer = press(admin, PAGE, "ACCEPT", {"syncd_id": "300"})
    assert answer.status_code == 422
    assert "Sync daemon ID is 300: it must be from 0 to 255." in answer.text


def test_the_settings_piranha_did_not_have_are_saved_too(admin: Person, store: Store) -> None:
    press(admin, PAGE, "ENABLE")
    assert "<details>" in admin.get(PAGE).text
    changes: dict[str, str | None] = {
        "advert_ms": "200",
        "virtual_router_id": "9",
        "preempt": "1",
        "preempt_delay": "30",
        "preempt_in_step": "1",
        "preempt_in_step_within": "60",
        "vrrp_unicast": None,
        "syncd_group": "224.0.0.90",
        "syncd_port": "9000",
        "syncd_ttl": "2",
        "syncd_maxlen": "1400",
    }
    assert press(admin, PAGE, "ACCEPT", changes).status_code == 303
    config = store.snapshot().config
    assert (config.advert_ms, config.virtual_router_id, config.preempt, config.preempt_delay) == (200, 9, True, 30)
    assert (config.preempt_in_step, config.preempt_in_step_within) == (True, 60)
    assert (config.vrrp_unicast, config.syncd_group) == (False, IPv4Address("224.0.0.90"))
    assert (config.syncd_port, config.syncd_ttl, config.syncd_maxlen) == (9000, 2, 1400)
    assert "<details open>" in admin.get(PAGE).text


def test_the_owner_is_told_so_and_can_switch(admin: Person, pulse: PulseDouble) -> None:
    pulse.report["pair"] = owner()
    press(admin, PAGE, "ENABLE")
    html = admin.get(PAGE).text
    assert "has the virtual IPs" in html
    assert 'value="SWITCH"' in html
    message = "192.168.26.3 has the virtual IPs after 68 ms."
    pulse.switched = {"ok": True, "answer": {"has_moved": True, "took_ms": 68.0, "message": message}}
    answer = admin.send(f"{PAGE}/switch", on=PAGE)
    assert answer.status_code == 303
    assert message in admin.follow(answer).text


def test_a_partner_that_is_ready_is_said_to_be_and_one_that_is_not_can_be_switched_to_anyway(
    admin: Person, pulse: PulseDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulse_client, "KEPT_S", 0.0)
    pair = owner()
    pulse.report["pair"] = pair
    press(admin, PAGE, "ENABLE")
    html = admin.get(PAGE).text
    assert "is on standby with the same configuration and knows 1,290 of 1,300 connections" in " ".join(
        html.split()
    )
    assert "SWITCH ANYWAY" not in html
    switchable = pair["switchable"]
    assert switchable is not None
    switchable["obstacles"] = ["192.168.26.3 knows 12 of 1,300 connections: the others would break."]
    html = admin.get(PAGE).text
    assert "not ready" in html
    assert "knows 12 of 1,300 connections" in html
    admin.send(f"{PAGE}/switch", {"switch": "SWITCH"}, on=PAGE)
    admin.send(f"{PAGE}/switch", {"switch": "SWITCH ANYWAY"}, on=PAGE)
    assert pulse.switches_asked == [False, True]
    switchable["is_final"] = True
    assert "SWITCH ANYWAY" not in admin.get(PAGE).text
    switchable["is_checked"] = False
    assert "not checked" in admin.get(PAGE).text


def test_a_primary_that_waits_to_take_back_says_how_far_it_is(admin: Person, pulse: PulseDouble) -> None:
    pair = owner()
    pair["role"], pair["switchable"] = "standby", None
    pair["take_back"] = {"ours": 1234, "theirs": None, "left_s": 90.0}
    pulse.report["pair"] = pair
    press(admin, PAGE, "ENABLE")
    html = " ".join(admin.get(PAGE).text.split())
    assert "until connections are in sync with 192.168.26.3, now 1 234 of –" in html


def test_a_switch_that_is_refused_says_why(admin: Person, pulse: PulseDouble) -> None:
    press(admin, PAGE, "ENABLE")
    answer = admin.send(f"{PAGE}/switch", on=PAGE)
    assert "This router does not have the virtual IPs." in admin.follow(answer).text


def test_a_router_that_stands_by_offers_no_switch_and_shows_what_is_wrong(
    admin: Person, pulse: PulseDouble
) -> None:
    pair = owner()
    pair["role"], pair["strangers"], pair["trouble"] = "standby", ["192.168.26.99"], "keepalived is not installed"
    pulse.report["pair"] = pair
    press(admin, PAGE, "ENABLE")
    html = admin.get(PAGE).text
    assert "standby" in html
    assert "192.168.26.99 uses this pair" in html
    assert "keepalived is not installed" in html
    assert 'value="SWITCH' not in html


def test_two_owners_are_told_on_every_page_with_who_says_so(
    admin: Person, pulse: PulseDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulse_client, "KEPT_S", 0.0)
    pair = owner()
    sentence = "Split brain: this router and 192.168.26.3 both have the virtual IPs. So says the partner itself."
    pulse.report["pair"] = pair
    press(admin, PAGE, "ENABLE")
    pages = (PAGE, "/virtual", "/global", "/history", "/partner", "/control", "/graphs", "/events", "/daemon")
    assert not [page for page in pages if "note error" in admin.get(page).text]
    pair["owners"] |= {"dispute": "two", "sentence": sentence}
    assert [page for page in pages if sentence in admin.get(page).text] == list(pages)
    press(admin, PAGE, "DISABLE")
    assert sentence not in admin.get("/virtual").text


def test_without_pulse_the_role_is_unknown_and_the_settings_are_there(admin: Person) -> None:
    press(admin, PAGE, "ENABLE")
    html = admin.get(PAGE).text
    assert "The role of this router is unknown" in html
    assert "Heartbeat interval" in html
