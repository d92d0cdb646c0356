"""What the browser tests share: signing in, axe's verdict, the width of a page."""

from typing import Any

from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.waiting import LIMIT_S

ADMIN = "admin"
PASSWORD = "correct horse battery"

CHROMIUM = "/usr/bin/chromium-headless-shell"
"""Chromium without a window of its own, which starts and paints in half the time."""
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE_WIDTH = 390
PATIENCE_MS = 1000 * LIMIT_S
"""When to give up waiting for the browser, in milliseconds: its own limits are too short for a busy machine."""


def axe_violations(page: Page) -> list[str]:
    """Return what axe finds wrong with the page as it stands, one line each."""
    return _axe(page, {})


def contrast_violations(page: Page) -> list[str]:
    """Return what of it depends on the colours alone: all that another scheme can change."""
    return _axe(page, {"runOnly": ["color-contrast", "link-in-text-block"]})


def _axe(page: Page, options: dict[str, Any]) -> list[str]:
    # Without a list of all that is right, which takes most of the time.
    found: dict[str, Any] = Axe().run(page, options={"resultTypes": ["violations"]} | options)
    return [
        f"{violation['id']}: {node['html'][:120]} {node['failureSummary']}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]


def overflow(page: Page) -> int:
    """Return by how many pixels the page is wider than the window."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))
