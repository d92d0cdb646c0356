"""REDUNDANCY of a running pair in a browser: to be read and used by all, on a phone too."""

import os
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from tests.web.browsing import PHONE_WIDTH, axe_violations, overflow
from tests.web.pair_double import owner
from tests.web.pulse_double import PulseDouble

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("width", "scheme"), [(PHONE_WIDTH, "dark"), (1280, "light")])
def test_the_role_is_shown_and_the_switch_can_be_pressed(
    admin_page: Page, pulse: PulseDouble, width: int, scheme: Literal["light", "dark"]
) -> None:
    pair = owner()
    pair["strangers"] = ["192.168.26.99"]
    pulse.report["pair"] = pair
    admin_page.emulate_media(color_scheme=scheme)
    admin_page.set_viewport_size({"width": width, "height": 900})
    admin_page.goto("/redundancy")
    admin_page.get_by_role("button", name="ENABLE").click()
    admin_page.get_by_text("VRRP and sync daemon details").click()
    if directory := os.environ.get("PALOMETA_SCREENSHOTS"):
        admin_page.screenshot(path=f"{directory}/pair-{width}-{scheme}.png", full_page=True)
    assert axe_violations(admin_page) == []
    assert overflow(admin_page) == 0
    admin_page.get_by_role("button", name="SWITCH").click()
    expect(admin_page.get_by_text("This router does not have the virtual IPs.")).to_be_visible()
