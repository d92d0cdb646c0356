"""DRIFT and ADOPT in a browser: on a phone, in the dark, with axe; adopting without script."""

import os
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from app.settings import Settings
from app.store import Store
from app.web.frame.security import cookie_name
from tests.web.browsing import PATIENCE_MS, PHONE_WIDTH, axe_violations, overflow
from tests.web.clusters import Ids, save_cluster
from tests.web.pulse_double import PulseDouble

pytestmark = pytest.mark.browser

ADOPT = "/drift/adopt?service=tcp+192.168.26.99:99"


@pytest.fixture
def ids(settings: Settings, store: Store) -> Ids:
    return save_cluster(settings, store)


@pytest.fixture(autouse=True)
def told(pulse: PulseDouble) -> None:
    service, server = "[2001:db8:aaaa:bbbb:cccc:dddd:eeee:1]:80", "[2001:db8:aaaa:bbbb:cccc:dddd:eeee:2]:80"
    command = f"ipvsadm -a -t {service} -r {server} -g -w 1"
    pulse.drift["steps"] = [
        {"sentence": "The server web1 is missing: add it, Route weight 1.", "command": command}
    ]
    pulse.drift["foreign"][0]["destinations"][0]["port"] = 8099
    pulse.report["applied"] = {
        "serial_no": 1,
        "at": 0.0,
        "duration_ms": 1.0,
        "changes": 0,
        "remained": ["no twos"],
    }
    pulse.report["repairs"] = [{"at": 1764001500.0, "commands": [command]}]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [PHONE_WIDTH, 1280])
@pytest.mark.parametrize("address", ["/drift", ADOPT])
def test_axe_finds_nothing_and_nothing_sticks_out(
    admin_page: Page, ids: Ids, scheme: Literal["light", "dark"], width: int, address: str
) -> None:
    admin_page.emulate_media(color_scheme=scheme)
    admin_page.set_viewport_size({"width": width, "height": 900})
    admin_page.goto(address)
    for summary in admin_page.locator("summary").all():
        summary.click()
    if directory := os.environ.get("PALOMETA_SCREENSHOTS"):
        name = f"{address.split('?')[0].strip('/').replace('/', '-')}-{width}-{scheme}"
        admin_page.screenshot(path=f"{directory}/{name}.png", full_page=True)
    assert axe_violations(admin_page) == []
    assert overflow(admin_page) <= 0


def test_a_service_is_adopted_without_script(
    browser: Browser, server: str, settings: Settings, session_token: str, ids: Ids, store: Store
) -> None:
    context = browser.new_context(base_url=server, java_script_enabled=False)
    context.set_default_timeout(PATIENCE_MS)
    context.add_cookies([{"name": cookie_name(settings, "session"), "value": session_token, "url": server}])
    page = context.new_page()
    page.goto("/control")
    page.get_by_role("link", name="Drift").click()
    page.get_by_role("link", name="ADOPT TCP 192.168.26.99:99").click()
    page.get_by_label("Name", exact=True).fill("found")
    page.get_by_role("button", name="ACCEPT").click()
    expect(page.get_by_text("saved 2")).to_be_visible()
    context.close()
    assert store.snapshot().virtual[-1].virtual.name == "found"
