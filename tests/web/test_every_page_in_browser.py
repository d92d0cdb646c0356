"""Every page there is, in a browser: axe finds nothing, nothing sticks out; light and dark, wide and narrow."""

import os
import re

import pytest
from flask import Flask
from playwright.sync_api import Page

from app.settings import Settings
from app.store import Store
from tests.web.browsing import PHONE_WIDTH, axe_violations, contrast_violations, overflow
from tests.web.every_page import FURTHER, addresses, fill, fill_with_a_thousand
from tests.web.pulse_double import PulseDouble, a_large_service, new_report

pytestmark = pytest.mark.browser

GROWING = ("/control", "/virtual", "/drift", "/graphs", "/transfer", "/history/1")
"""The pages that grow with the configuration."""


@pytest.mark.parametrize("width", [PHONE_WIDTH, 1280])
def test_axe_finds_nothing_and_nothing_sticks_out(
    admin_page: Page,
    app: Flask,
    settings: Settings,
    store: Store,
    pulse: PulseDouble,
    width: int,
) -> None:
    admin_page.set_viewport_size({"width": width, "height": 900})
    looked_at = Inspection(admin_page, f"{width}")
    for address in (*addresses(app, fill(settings, store)), *FURTHER):
        looked_at.visit(address)
    assert looked_at.wrong == []


@pytest.mark.parametrize("width", [PHONE_WIDTH, 1280])
def test_nor_while_there_is_nothing(admin_page: Page, app: Flask, pulse: PulseDouble, width: int) -> None:
    pulse.report = new_report()
    admin_page.set_viewport_size({"width": width, "height": 900})
    looked_at = Inspection(admin_page, f"new-{width}")
    for address in addresses(app, None):
        looked_at.visit(address)
    assert looked_at.wrong == []


@pytest.mark.parametrize("width", [PHONE_WIDTH, 1280])
def test_nothing_sticks_out_with_a_thousand_virtual_servers(
    admin_page: Page, app: Flask, settings: Settings, store: Store, pulse: PulseDouble, width: int
) -> None:
    pulse.report["services"] = [a_large_service(number) for number in range(1000)]
    fill_with_a_thousand(settings, store)
    admin_page.set_viewport_size({"width": width, "height": 900})
    for address in GROWING:
        admin_page.goto(address)
        take_picture(admin_page, f"{address}-many-{width}-light", full_page=False)
        assert overflow(admin_page) <= 0, address


class Inspection:
    """What is `wrong` with the pages visited; PALOMETA_SCREENSHOTS names a directory for pictures of them."""

    def __init__(self, page: Page, name: str) -> None:
        self._page = page
        self._name = name
        self.wrong: list[str] = []

    def visit(self, address: str) -> None:
        # The rows of the table would fade from one scheme to the other.
        self._page.emulate_media(color_scheme="light", reduced_motion="reduce")
        self._page.goto(address)
        # What is folded away is there to be read too, and axe takes it for text over what stands in its place.
        self._page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        take_picture(self._page, f"{address}-{self._name}-light")
        found = axe_violations(self._page)
        if (pixels := overflow(self._page)) > 0:
            found.append(f"{pixels} px too wide")
        self._page.emulate_media(color_scheme="dark")
        take_picture(self._page, f"{address}-{self._name}-dark")
        found += contrast_violations(self._page)
        self.wrong += [f"{address}: {one}" for one in found]


def take_picture(page: Page, name: str, *, full_page: bool = True) -> None:
    """Keep a picture of `page`, if a directory is named for them."""
    if directory := os.environ.get("PALOMETA_SCREENSHOTS"):
        name = re.sub(r"\W+", "-", name).strip("-")
        page.screenshot(path=f"{directory}/{name}.png", full_page=full_page)
