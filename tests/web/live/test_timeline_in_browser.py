"""EVENTS and TABLE HISTORY in a browser."""

import time

import pytest
from playwright.sync_api import Page, expect

from tests.web.live.recorded_events import events
from tests.web.pulse_double import PulseDouble

pytestmark = pytest.mark.browser


def test_the_timeline_leads_to_the_table_as_it_was(admin_page: Page, pulse: PulseDouble) -> None:
    pulse.events = events()
    for number, event in enumerate(reversed(pulse.events)):
        event["at"] = time.time() - number
    admin_page.goto("/events")
    admin_page.get_by_label("Kind:").select_option("down")
    admin_page.get_by_role("button", name="SHOW").click()
    expect(admin_page.locator(".timeline li")).to_have_count(1)
    admin_page.get_by_role("link", name="the table at that time").click()
    expect(admin_page.get_by_text("not current")).to_be_visible()
