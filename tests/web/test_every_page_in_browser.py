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
from tests.web.pulse_double import PulseDouble

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
    wrong = []
    for address in (*addresses(app, fill(settings, store)), *FURTHER):
        admin_page.goto(address)
        # What is folded away is there to be read too, and axe takes it for text over what stands in its place.
        admin_page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        if directory := os.environ.get("PALOMETA_SCREENSHOTS"):
            name = re.sub(r"\W+", "-", address).strip("-")
            admin_page.screenshot(path=f"{directory}/{name}-{width}-{scheme}.png", full_page=True)
        wrong += [f"{address}: {violation}" for violation in axe_violations(admin_page)]
        if (pixels := overflow(admin_page)) > 0:
            wrong.append(f"{address}: {pixels} px too wide")
    assert wrong == []
