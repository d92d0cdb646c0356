"""CONNECTIONS in a browser: on a phone, in the dark, with axe, without script."""

import os
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from app.settings import Settings
from app.web.frame.security import cookie_name
from tests.web.browsing import PHONE_WIDTH, axe_violations, overflow
from tests.web.pulse_double import PulseDouble

pytestmark = pytest.mark.browser

PLACE = "/connections?client=203.0.113.7"


@pytest.fixture(autouse=True)
def told(pulse: PulseDouble) -> None:
    pulse.connections["short_by"] = 19
    pulse.connections["is_complete"] = False
    pulse.connections["next_servers"] = [
        {
            "service": "tcp 192.168.26.10:443",
            "why": "template",
            "server": "192.168.26.21",
            "port": 443,
            "expires_s": 299,
            "sentence": "a persistence template keeps this client on 192.168.26.21:443 for another 299 s.",
        }
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [PHONE_WIDTH, 1280])
@pytest.mark.parametrize("address", [PLACE, "/connections", "/control?view=raw&raw=stats", "/control"])
def test_axe_finds_nothing_and_nothing_sticks_out(
    admin_page: Page, scheme: Literal["light", "dark"], width: int, address: str
) -> None:
    admin_page.emulate_media(color_scheme=scheme)
    admin_page.set_viewport_size({"width": width, "height": 900})
    admin_page.goto(address)
    if directory := os.environ.get("PALOMETA_SCREENSHOTS"):
        name = f"{address.strip('/').replace('?', '-').replace('&', '-')}-{width}-{scheme}"
        admin_page.screenshot(path=f"{directory}/{name}.png", full_page=True)
    assert axe_violations(admin_page) == []
    assert overflow(admin_page) <= 0


def test_the_form_narrows_and_links_follow_without_any_script(
    browser: Browser, server: str, settings: Settings, session_token: str, pulse: PulseDouble
) -> None:
    context = browser.new_context(base_url=server, java_script_enabled=False)
    context.add_cookies([{"name": cookie_name(settings, "session"), "value": session_token, "url": server}])
    page = context.new_page()
    page.goto("/connections")
    page.get_by_label("Client:").fill("203.0.113.0/24")
    page.get_by_role("button", name="SHOW").click()
    expect(page.get_by_label("Client:")).to_have_value("203.0.113.0/24")
    page.get_by_role("link", name="FIN_WAIT").click()
    assert pulse.connections_asked[-1]["state"] == "FIN_WAIT"
    assert pulse.connections_asked[-1]["client"] == "203.0.113.0/24"
    context.close()


def test_a_service_leads_to_its_connections(admin_page: Page, pulse: PulseDouble) -> None:
    admin_page.goto("/control")
    admin_page.get_by_role("link", name="entries of 192.168.26.10:443", exact=True).click()
    expect(admin_page.get_by_role("heading", name="CONNECTIONS", exact=True)).to_be_visible()
    assert pulse.connections_asked[-1]["service"] == "tcp 192.168.26.10:443"
