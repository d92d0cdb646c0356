"""The events and GLOBAL SETTINGS in a browser: on a phone, in the light and in the dark."""

from typing import Literal

import pytest
from playwright.sync_api import Page

from tests.web.browsing import PHONE_WIDTH, axe_violations, overflow
from tests.web.live.recorded_events import events
from tests.web.pulse_double import PulseDouble

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [PHONE_WIDTH, 1280])
def test_the_events_can_be_read_by_all(
    admin_page: Page, pulse: PulseDouble, scheme: Literal["light", "dark"], width: int
) -> None:
    pulse.report["events"] = events()
    admin_page.emulate_media(color_scheme=scheme)
    admin_page.set_viewport_size({"width": width, "height": 900})
    admin_page.goto("/control")
    admin_page.get_by_text("Recent events").click()
    assert admin_page.locator("ol.events li").count() == len(events())
    assert axe_violations(admin_page) == []
    assert overflow(admin_page) == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [PHONE_WIDTH, 1280])
def test_who_is_told_can_be_set_by_all(admin_page: Page, scheme: Literal["light", "dark"], width: int) -> None:
    admin_page.emulate_media(color_scheme=scheme)
    admin_page.set_viewport_size({"width": width, "height": 900})
    admin_page.goto("/global")
    admin_page.get_by_text("Notifications", exact=True).click()
    admin_page.get_by_text("Virtual IPs on the network").click()
    admin_page.get_by_label("Mail to").fill("admin@example.com")
    assert axe_violations(admin_page) == []
    assert overflow(admin_page) == 0
    admin_page.get_by_role("button", name="ACCEPT").first.press("Enter")
    admin_page.get_by_text("saved 1").wait_for()
