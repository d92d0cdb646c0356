"""Every page there is, in a browser: axe finds nothing, nothing sticks out; light and dark, wide and narrow."""

import os
import re
from typing import Literal

import pytest
from flask import Flask
from playwright.sync_api import Page

from app.settings import Settings
from app.store import Store
from tests.web.browsing import PHONE_WIDTH, axe_violations, overflow
from tests.web.every_page import FURTHER, addresses, fill
from tests.web.pulse_double import PulseDouble, new_report

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [PHONE_WIDTH, 1280])
def test_axe_finds_nothing_and_nothing_sticks_out(
    admin_page: Page,
    app: Flask,
    settings: Settings,
    store: Store,
    pulse: PulseDouble,
    scheme: Literal["light", "dark"],
    width: int,
) -> None:
    admin_page.emulate_media(color_scheme=scheme)
    admin_page.set_viewport_size({"width": width, "height": 900})
    looked_at = Inspection(admin_page, f"{width}-{scheme}")
    for address in (*addresses(app, fill(settings, store)), *FURTHER):
        looked_at.visit(address)
    assert looked_at.wrong == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [PHONE_WIDTH, 1280])
def test_nor_while_there_is_nothing(
    admin_page: Page, app: Flask, pulse: PulseDouble, scheme: Literal["light", "dark"], width: int
) -> None:
    pulse.report = new_report()
    admin_page.emulate_media(color_scheme=scheme)
    admin_page.set_viewport_size({"width": width, "height": 900})
    looked_at = Inspection(admin_page, f"new-{width}-{scheme}")
    for address in addresses(app, None):
        looked_at.visit(address)
    assert looked_at.wrong == []


class Inspection:
    """What is `wrong` with the pages visited; PALOMETA_SCREENSHOTS names a directory for pictures of them."""

    def __init__(self, page: Page, name: str) -> None:
        self._page = page
        self._name = name
        self.wrong: list[str] = []

    def visit(self, address: str) -> None:
        self._page.goto(address)
        # What is folded away is there to be read too, and axe takes it for text over what stands in its place.
        self._page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        if directory := os.environ.get("PALOMETA_SCREENSHOTS"):
            name = re.sub(r"\W+", "-", address).strip("-")
            self._page.screenshot(path=f"{directory}/{name}-{self._name}.png", full_page=True)
        self.wrong += [f"{address}: {violation}" for violation in axe_violations(self._page)]
        if (pixels := overflow(self._page)) > 0:
            self.wrong.append(f"{address}: {pixels} px too wide")
