"""REDUNDANCY: the second router's settings are kept and written."""

from ipaddress import IPv4Address

from app.settings import Settings
from app.store import Store
from tests.web.filled_form import press
from tests.web.person import Person

PAGE = "/redundancy"


def test_it_offers_only_enable_while_there_is_no_backup(admin: Person) -> None:
    html = admin.get(PAGE).text
    assert "ENABLE" in html
    assert "inactive" in html
    assert "Heartbeat interval" not in html


def test_it_says_that_the_pair_is_not_run_yet(admin: Person) -> None:
    assert "does not run the pair itself yet" in admin.get(PAGE).text


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
