"""The configuration pages in a browser: by label and button, by keyboard, on a phone, in light and dark."""

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from app.settings import Settings
from app.store import Store
from app.web.frame.security import cookie_name
from tests.web.browsing import PATIENCE_MS, PHONE_WIDTH, axe_violations, overflow
from tests.web.clusters import save_cluster

pytestmark = pytest.mark.browser


def test_refusals_and_conflicts_pass_axe_and_fit_a_phone(
    admin_page: Page, settings: Settings, store: Store
) -> None:
    ids = save_cluster(settings, store)
    admin_page.set_viewport_size({"width": PHONE_WIDTH, "height": 800})
    admin_page.goto(f"/virtual/{ids.web}")
    other = admin_page.context.new_page()
    other.goto(f"/virtual/{ids.web}")
    other.get_by_label("Application port").fill("8081")
    other.get_by_role("button", name="ACCEPT").click()
    expect(other.get_by_text("saved 2")).to_be_visible()
    for port, heading in (("80x", "EDIT VIRTUAL SERVER"), ("8082", "CHANGED IN THE MEANTIME")):
        admin_page.get_by_label("Application port").fill(port)
        admin_page.get_by_role("button", name="ACCEPT").click()
        expect(admin_page.get_by_role("heading", level=1)).to_have_text(heading)
        assert axe_violations(admin_page) == []
        assert overflow(admin_page) <= 0


def test_enter_in_a_box_accepts_and_presses_no_other_button(admin_page: Page, store: Store) -> None:
    admin_page.goto("/global")
    admin_page.get_by_label("Primary server public IP").fill("192.168.26.2")
    admin_page.get_by_label("Primary server public IP").press("Enter")
    expect(admin_page.get_by_text("saved 1")).to_be_visible()
    assert store.snapshot().config.network == "direct"


def test_the_workflow_of_every_tutorial_goes_by_labels_and_buttons(admin_page: Page, store: Store) -> None:
    build_a_cluster(admin_page)
    [virtual] = store.snapshot().config.virtual
    assert (virtual.name, str(virtual.address), virtual.active) == ("web", "192.168.26.10 eth0:1", True)
    assert [(server.name, str(server.address), server.active) for server in virtual.server] == [
        ("rs1", "192.168.26.21", True)
    ]


def test_the_workflow_needs_no_javascript(
    browser: Browser, server: str, settings: Settings, session_token: str, store: Store
) -> None:
    context: BrowserContext = browser.new_context(base_url=server, java_script_enabled=False)
    context.set_default_timeout(PATIENCE_MS)
    context.add_cookies([{"name": cookie_name(settings, "session"), "value": session_token, "url": server}])
    build_a_cluster(context.new_page())
    context.close()
    [virtual] = store.snapshot().config.virtual
    assert virtual.active
    assert virtual.server[0].active


def build_a_cluster(page: Page) -> None:
    """Do what the tutorials show, from an empty database."""
    page.goto("/control")
    page.get_by_role("link", name="VIRTUAL SERVERS").click()
    page.get_by_role("button", name="ADD").click()
    page.get_by_role("button", name="EDIT").click()
    page.get_by_label("Name", exact=True).fill("web")
    page.get_by_label("Virtual IP Address", exact=True).fill("192.168.26.10")
    page.get_by_label("Device", exact=True).fill("eth0:1")
    page.get_by_role("button", name="ACCEPT").click()
    page.get_by_role("link", name="REAL SERVER").click()
    page.get_by_role("button", name="ADD").click()
    page.get_by_role("button", name="EDIT").click()
    page.get_by_label("Name", exact=True).fill("rs1")
    page.get_by_label("Address", exact=True).fill("192.168.26.21")
    page.get_by_role("button", name="ACCEPT").click()
    page.get_by_role("button", name="CANCEL").click()
    page.get_by_role("radio", name="Select rs1").check()
    page.get_by_role("button", name="(DE)ACTIVATE").click()
    page.get_by_role("link", name="VIRTUAL SERVERS").click()
    page.get_by_role("radio", name="Select web").check()
    page.get_by_role("button", name="(DE)ACTIVATE").click()
    expect(page.get_by_text("saved 6")).to_be_visible()
