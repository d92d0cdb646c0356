"""CONTROL/MONITORING in a browser: opening it, and waiting for its next update."""

from playwright.sync_api import Page

# The page's clock runs by hand: no test waits for a second to pass.
INTERVAL_MS = 5000


def open_control(page: Page, query: str = "") -> None:
    page.goto(f"/control{query}")
    page.clock.pause_at(page.evaluate("Date.now()") / 1000 + 0.5)


def next_update(page: Page) -> None:
    """Let one update interval pass, and the answer come."""
    with page.expect_response("**/control/table*"):
        page.clock.run_for(INTERVAL_MS)
    page.clock.run_for(1)
