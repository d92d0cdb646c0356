"""GLOBAL SETTINGS: what it shows, what it saves, what it refuses."""

import html
import re
from dataclasses import replace
from ipaddress import IPv4Address

import pytest

from app.lvs.grammar.reader import parse
from app.lvs.model.config import Config
from app.lvs.model.values import Network, OnStop
from app.settings import Settings
from app.store import Store
from tests.web.clusters import WEB, save, save_cluster
from tests.web.filled_form import FilledForm, press
from tests.web.person import Person
from tests.web.pulse_double import PulseDouble

PAGE = "/global"


def test_it_shows_direct_routing_before_anything_was_accepted(admin: Person) -> None:
    assert "Current type is: <b>direct</b>" in admin.get(PAGE).text


def test_looking_at_it_writes_nothing(admin: Person, settings: Settings, store: Store) -> None:
    admin.get(PAGE)
    assert not settings.lvs_cf.exists()
    assert store.snapshot().serial_no == 0


def test_accept_saves_and_writes_lvs_cf(admin: Person, settings: Settings, store: Store) -> None:
    answer = press(admin, PAGE, "ACCEPT", {"primary": "192.168.26.2", "tcp_timeout": "900"})
    assert answer.status_code == 303
    config = store.snapshot().config
    assert (config.primary, config.tcp_timeout) == (IPv4Address("192.168.26.2"), 900)
    assert parse(settings.lvs_cf.read_bytes()).config == config
    assert "primary = 192.168.26.2\n" in settings.lvs_cf.read_text()


def test_the_first_accept_writes_the_defaults_of_a_new_file(admin: Person, store: Store) -> None:
    press(admin, PAGE, "ACCEPT", {"primary": "192.168.26.2"})
    config = store.snapshot().config
    assert (config.network, config.keepalive, config.deadtime, config.backup_active) == (
        Network.DIRECT,
        6,
        18,
        False,
    )


def test_it_says_saved_and_that_pulse_is_stopped(admin: Person) -> None:
    answer = admin.follow(press(admin, PAGE, "ACCEPT", {"primary": "192.168.26.2"}))
    assert "saved 1 · pulse is stopped: applied when it starts" in answer.text


def test_the_primary_address_is_prefilled_with_this_machines_own(admin: Person, pulse: PulseDouble) -> None:
    assert FilledForm.on(admin.get(PAGE).text, "edit").fields["primary"] == "192.168.26.2"


def test_a_network_type_button_acts_at_once_and_keeps_what_was_typed(admin: Person, store: Store) -> None:
    answer = press(admin, PAGE, "NAT", {"primary": "192.168.26.2", "udp_timeout": "77"})
    assert answer.status_code == 303
    config = store.snapshot().config
    assert (config.network, config.udp_timeout) == (Network.NAT, 77)
    assert "Current type is: <b>nat</b>" in admin.get(PAGE).text


def test_the_nat_router_is_asked_for_only_while_the_type_is_nat(admin: Person, store: Store) -> None:
    assert "NAT Router IP" not in admin.get(PAGE).text
    press(admin, PAGE, "NAT")
    changes: dict[str, str | None] = {
        "nat_router": "10.0.0.254",
        "nat_router_device": "eth1:1",
        "nat_nmask": "255.255.254.0",
    }
    press(admin, PAGE, "ACCEPT", changes)
    config = store.snapshot().config
    assert str(config.nat_router) == "10.0.0.254 eth1:1"
    press(admin, PAGE, "Tunneling")
    assert "NAT Router IP" not in admin.get(PAGE).text
    assert str(store.snapshot().config.nat_router) == "10.0.0.254 eth1:1"


def test_a_box_that_cannot_be_read_is_marked_and_nothing_is_saved_or_lost(admin: Person, store: Store) -> None:
    answer = press(admin, PAGE, "ACCEPT", {"primary": "here", "tcp_timeout": "900"})
    assert answer.status_code == 422
    assert "primary is &#39;here&#39;" in answer.text
    assert 'aria-invalid="true"' in answer.text
    fields = FilledForm.on(answer.text, "edit").fields
    assert (fields["primary"], fields["tcp_timeout"]) == ("here", "900")
    assert store.snapshot().serial_no == 0


def test_a_number_out_of_range_is_refused_beside_its_box(admin: Person, store: Store) -> None:
    answer = press(admin, PAGE, "ACCEPT", {"udp_timeout": "99999999"})
    assert answer.status_code == 422
    assert "UDP timeout is 99999999: it must be from 0 to 2147483 seconds." in answer.text
    assert store.snapshot().serial_no == 0


def test_an_address_without_a_device_is_refused_beside_the_device(admin: Person) -> None:
    press(admin, PAGE, "NAT")
    answer = press(admin, PAGE, "ACCEPT", {"nat_router": "10.0.0.254"})
    assert answer.status_code == 422
    assert "NAT Router device is empty" in answer.text


def test_a_refused_nat_button_still_asks_for_the_nat_router(admin: Person) -> None:
    answer = press(admin, PAGE, "NAT", {"udp_timeout": "99999999"})
    assert answer.status_code == 422
    assert "NAT Router IP" in answer.text


def test_clearing_the_private_address_clears_the_backups_too(admin: Person, store: Store) -> None:
    press(admin, PAGE, "ACCEPT", {"primary": "192.168.26.2", "primary_private": "10.9.0.1"})
    press(admin, "/redundancy", "ENABLE")
    press(admin, "/redundancy", "ACCEPT", {"backup": "192.168.26.3", "backup_private": "10.9.0.2"})
    assert store.snapshot().config.backup_private == IPv4Address("10.9.0.2")
    press(admin, PAGE, "ACCEPT", {"primary_private": ""})
    assert store.snapshot().config.backup_private is None


def test_what_pulse_does_on_stopping_can_be_set(admin: Person, store: Store) -> None:
    press(admin, PAGE, "ACCEPT", {"on_stop": "withdraw"})
    assert store.snapshot().config.on_stop is OnStop.WITHDRAW


def test_keys_that_were_not_touched_stay_absent(admin: Person, store: Store) -> None:
    press(admin, PAGE, "ACCEPT", {"primary": "192.168.26.2"})
    config = store.snapshot().config
    assert (config.on_stop, config.tcp_timeout, config.primary_private) == (None, None, None)


def test_accepting_no_change_makes_no_new_serial(admin: Person, settings: Settings, store: Store) -> None:
    save_cluster(settings, store)
    answer = admin.follow(press(admin, PAGE, "ACCEPT", {"primary": ""}))
    assert "the serial is still 1" in answer.text
    assert store.snapshot().serial_no == 1


def test_a_missing_lvs_cf_is_written_again_even_without_a_change(
    admin: Person, settings: Settings, store: Store
) -> None:
    save_cluster(settings, store)
    settings.lvs_cf.unlink()
    press(admin, PAGE, "ACCEPT", {"primary": ""})
    assert settings.lvs_cf.exists()


def test_enter_presses_accept_and_no_network_type(admin: Person) -> None:
    page = admin.get(PAGE).text
    assert page.index('value="ACCEPT"') < page.index('value="NAT"')


def test_errors_elsewhere_are_a_banner_and_do_not_block(admin: Person, settings: Settings, store: Store) -> None:
    save(settings, store, Config(virtual=(replace(WEB, port=99999),)))
    shown = admin.get(PAGE)
    assert "virtual server &#39;web&#39;, Application port" in shown.text
    assert press(admin, PAGE, "ACCEPT", {"tcp_timeout": "60"}).status_code == 303


TOLD: dict[str, str | None] = {
    "mail_to": "admin@example.com, ops@example.com",
    "mail_from": "lb1@example.com",
    "mail_server": "[::1]:2525",
    "helo_name": "lb1.example.com",
    "webhook": "https://chat.example.com/hook/abc",
    "notify_program": "tell.sh",
    "notify_gap": "120",
}


def test_who_is_told_can_be_set(admin: Person, settings: Settings, store: Store) -> None:
    assert press(admin, PAGE, "ACCEPT", TOLD).status_code == 303
    config = store.snapshot().config
    assert {name: str(getattr(config, name)) for name in TOLD} == TOLD
    assert parse(settings.lvs_cf.read_bytes()).config == config
    page = admin.get(PAGE).text
    assert re.search(r"<details open>\s*<summary>Notifications", page)
    assert {name: FilledForm.on(page, "edit").fields[name] for name in TOLD} == TOLD


def test_nobody_is_told_until_somebody_is_named(admin: Person, store: Store) -> None:
    page = admin.get(PAGE).text
    assert re.search(r"<details>\s*<summary>Notifications", page)
    assert "Blank: 127.0.0.1:25." in page
    press(admin, PAGE, "ACCEPT", {"primary": "192.168.26.2"})
    assert {getattr(store.snapshot().config, name) for name in TOLD} == {None}


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("mail_to", "Admin <a@b.c>", "is not a mail address: write addresses such as admin@example.com"),
        ("webhook", "chat.example.com", "is not an http or https URL"),
        ("notify_gap", "0", "Messages at most every is 0: it must be from 1 to 86400 seconds."),
    ],
)
def test_an_address_nobody_can_be_told_at_is_refused_beside_its_box(
    admin: Person, store: Store, name: str, text: str, said: str
) -> None:
    answer = press(admin, PAGE, "ACCEPT", {name: text})
    assert answer.status_code == 422
    assert said in html.unescape(answer.text)
    assert re.search(rf'id="field-{name}"[^>]*aria-invalid="true"', answer.text)
    assert re.search(r"<details open>\s*<summary>Notifications", answer.text)
    assert store.snapshot().serial_no == 0


def test_how_virtual_ips_are_announced_can_be_set(admin: Person, store: Store) -> None:
    press(admin, PAGE, "ACCEPT", {"announce_again": "30", "announce_every": "600", "probe_duplicates": "1"})
    config = store.snapshot().config
    assert (config.announce_again, config.announce_every, config.probe_duplicates) == (30, 600, True)
    assert re.search(r"<details open>\s*<summary>Virtual IPs on the network", admin.get(PAGE).text)
