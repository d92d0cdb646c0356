"""EVENTS and THE TABLE AS IT WAS in a browser: for all to read, on a phone too."""

import time
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from tests.web.browsing import PHONE_WIDTH, axe_violations, overflow
from tests.web.pulse_double import PulseDouble
from tests.web.test_events_in_browser import events

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [PHONE_WIDTH, 1280])
def test_the_timeline_leads_to_the_table_as_it_was(
    admin_page: Page, pulse: PulseDouble, scheme: Literal["light", "dark"], width: int
) -> None:
    pulse.events = events()
    for number, event in enumerate(reversed(pulse.events)):
        event["at"] = time.time() - number
    admin_page.emulate_media(color_scheme=scheme)
    admin_page.set_viewport_size({"width": width, "height": 900})
    admin_page.goto("/events")
    assert axe_violations(admin_page) == []
    assert overflow(admin_page) == 0
    admin_page.get_by_label("Kind:").select_option("down")
    admin_page.get_by_role("button", name="SHOW").click()
    expect(admin_page.locator(".timeline li")).to_have_count(1)
    admin_page.get_by_role("link", name="the table then").click()
    expect(admin_page.get_by_text("not as it is now")).to_be_visible()
    assert axe_violations(admin_page) == []
    assert overflow(admin_page) == 0
