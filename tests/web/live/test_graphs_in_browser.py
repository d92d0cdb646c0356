"""GRAPHS in a browser: for all to read, and kept up to date without taking anything away."""

import time
from typing import cast

import pytest
from playwright.sync_api import Page, expect

from app.lvs.reports.status import EventReport
from tests.web.pulse_double import PulseDouble

pytestmark = pytest.mark.browser

SERVICE = "tcp 192.168.26.10:443"


def test_the_browser_has_nothing_to_say_against_the_drawings(admin_page: Page, pulse: PulseDouble) -> None:
    said: list[str] = []
    admin_page.on("console", lambda message: said.append(message.text))
    admin_page.goto(f"/graphs?service={SERVICE}")
    expect(admin_page.get_by_role("img")).to_have_count(4)
    assert said == []


def test_a_new_part_leaves_open_what_is_open_and_waits_for_a_selection(
    admin_page: Page, pulse: PulseDouble
) -> None:
    admin_page.clock.install()
    admin_page.goto(f"/graphs?service={SERVICE}")
    admin_page.get_by_text("Show as a table").click()
    admin_page.get_by_role("heading", name="GRAPHS").click()
    admin_page.evaluate("document.activeElement.blur()")
    now = {"at": time.time(), "kind": "trust", "virtual": "", "server": "", "target": "", "reason": "all is well"}
    pulse.events = [cast(EventReport, now)]
    admin_page.clock.run_for(11_000)
    expect(admin_page.locator("#part")).to_contain_text("all is well")
    expect(admin_page.get_by_role("region", name="The graphs as a table")).to_be_visible()
    admin_page.locator(".shares").evaluate("one => getSelection().selectAllChildren(one)")
    before = len(pulse.history_asked)
    admin_page.clock.run_for(30_000)
    assert admin_page.evaluate("getSelection().isCollapsed") is False
    assert len(pulse.history_asked) == before
