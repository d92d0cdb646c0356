"""Health in a browser: boxes of the chosen check, TEST NOW, a drain; by keyboard, on a phone, without script."""

from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from app.lvs.model.values import AdminState
from app.lvs.reports.status import CheckReport
from app.settings import Settings
from app.store import Store
from app.web.frame.security import cookie_name
from tests.web.browsing import PATIENCE_MS, PHONE_WIDTH, axe_violations, overflow
from tests.web.clusters import Ids, save_cluster
from tests.web.pulse_double import PulseDouble

pytestmark = pytest.mark.browser


@pytest.fixture
def ids(settings: Settings, store: Store) -> Ids:
    return save_cluster(settings, store)


def test_the_boxes_of_the_chosen_check_appear_and_the_others_go(admin_page: Page, ids: Ids) -> None:
    admin_page.goto(f"/virtual/{ids.web}/scripts")
    expect(admin_page.get_by_label("Path", exact=True)).to_be_hidden()
    expect(admin_page.get_by_text("exactly as Piranha did")).to_be_visible()
    check = admin_page.get_by_label("Check", exact=True)
    check.select_option("https")
    expect(admin_page.get_by_label("Path", exact=True)).to_be_visible()
    expect(admin_page.get_by_label("Verify the certificate")).to_be_visible()
    expect(admin_page.get_by_label("Use TLS")).to_be_hidden()
    expect(admin_page.get_by_role("button", name="NO SHARED SECRET")).to_be_hidden()
    check.select_option("radius")
    expect(admin_page.get_by_label("Path", exact=True)).to_be_hidden()
    expect(admin_page.get_by_role("button", name="NO SHARED SECRET")).to_be_visible()
    expect(admin_page.get_by_text("signed with Shared secret")).to_be_visible()


def test_a_box_that_is_wrong_stays_in_sight_whatever_check_is_chosen(admin_page: Page, ids: Ids) -> None:
    admin_page.goto(f"/virtual/{ids.web}/scripts")
    check = admin_page.get_by_label("Check", exact=True)
    check.select_option("https")
    admin_page.get_by_label("Certificate days").fill("many")
    check.select_option("tcp")
    admin_page.get_by_role("button", name="ACCEPT").click()
    expect(admin_page.get_by_label("Certificate days")).to_be_visible()
    expect(admin_page.get_by_text("is not a number")).to_be_visible()


def test_a_check_is_chosen_tested_and_accepted_by_keyboard(
    admin_page: Page, ids: Ids, store: Store, pulse: PulseDouble
) -> None:
    admin_page.goto(f"/virtual/{ids.web}/scripts")
    admin_page.get_by_label("Check", exact=True).focus()
    admin_page.keyboard.type("http:")
    admin_page.keyboard.press("Tab")
    expect(admin_page.get_by_label("Path", exact=True)).to_be_focused()
    admin_page.keyboard.type("/ready")
    admin_page.get_by_role("button", name="TEST NOW").focus()
    admin_page.keyboard.press("Enter")
    expect(admin_page.get_by_role("heading", name="TEST")).to_be_visible()
    assert 'check_path = "/ready"' in pulse.tested[0]["text"]
    admin_page.get_by_label("Path", exact=True).press("Enter")
    expect(admin_page.get_by_text("saved 2")).to_be_visible()
    assert store.snapshot().config.virtual[0].check_path == "/ready"


def test_a_drain_needs_no_javascript(
    browser: Browser, server: str, settings: Settings, session_token: str, ids: Ids, store: Store
) -> None:
    context = browser.new_context(base_url=server, java_script_enabled=False)
    context.set_default_timeout(PATIENCE_MS)
    context.add_cookies([{"name": cookie_name(settings, "session"), "value": session_token, "url": server}])
    page = context.new_page()
    page.goto(f"/virtual/{ids.web}/real")
    page.get_by_role("radio", name="Select rs2").check()
    page.get_by_role("button", name="DRAIN").click()
    page.get_by_label("How long").select_option("for 1 hour")
    page.get_by_label("Reason").fill("kernel patch")
    page.get_by_role("button", name="DRAIN").click()
    expect(page.get_by_text("saved 2")).to_be_visible()
    row = page.get_by_role("row").filter(has_text="rs2")
    expect(row).to_contain_text("drain")
    expect(row).to_contain_text("kernel patch")
    expect(page.get_by_role("radio", name="Select rs2")).to_be_checked()
    page.get_by_role("button", name="READY").click()
    expect(page.get_by_text("saved 3")).to_be_visible()
    context.close()
    assert store.snapshot().config.virtual[0].server[1].admin_state is None


def test_a_host_is_put_into_maintenance_from_its_address(admin_page: Page, ids: Ids, store: Store) -> None:
    admin_page.goto(f"/virtual/{ids.web}/real")
    admin_page.get_by_role("link", name="192.168.26.21").click()
    expect(admin_page.get_by_role("heading", level=1)).to_have_text("HOST 192.168.26.21")
    admin_page.get_by_label("Reason").fill("new memory")
    admin_page.get_by_role("button", name="MAINTENANCE").click()
    expect(admin_page.get_by_text("saved 2")).to_be_visible()
    assert store.snapshot().config.virtual[0].server[0].admin_state is AdminState.MAINTENANCE


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_health_in_every_state_passes_axe_and_fits_a_phone(
    admin_page: Page, ids: Ids, pulse: PulseDouble, scheme: Literal["light", "dark"]
) -> None:
    fill(pulse)
    admin_page.emulate_media(color_scheme=scheme)
    admin_page.set_viewport_size({"width": PHONE_WIDTH, "height": 800})
    admin_page.goto(f"/virtual/{ids.web}/real")
    for summary in admin_page.locator("summary").all():
        summary.click()
    assert axe_violations(admin_page) == []
    assert overflow(admin_page) <= 0
    admin_page.get_by_role("button", name="TEST NOW: rs1").click()
    expect(admin_page.get_by_role("heading", name="TEST")).to_be_visible()
    assert axe_violations(admin_page) == []
    assert overflow(admin_page) <= 0
    admin_page.goto("/control")
    assert axe_violations(admin_page) == []
    assert overflow(admin_page) <= 0


def fill(pulse: PulseDouble) -> None:
    """Let the two servers be in as many states as they can."""
    pulse.report["applied"] = {"serial_no": 1, "at": 0.0, "duration_ms": 1.0, "changes": 0, "remained": []}
    check: CheckReport = {
        "kind": "http",
        "target": "192.168.26.21 port 8443",
        "state": "stale",
        "message": "a/very/long/message/without/blanks/" * 4,
        "duration_ms": 3.4,
        "checked_at": 1764001500.0,
        "next_check_at": None,
    }
    first, second = pulse.report["servers"][:2]
    first.update({"is_degraded": True, "held": "slow start: weight 3 of 10 since 12 s", "checks": [check] * 2})
    second.update({"admin": "drain", "admin_until": 4102444800.0, "admin_reason": "kernel patch", "weight": 0})
