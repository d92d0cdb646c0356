"""Measures the pages in a browser: first paint, time to paint each update, and how long the page blocks.

Chromium runs in the same kernel as everything else and shares its one slow processor; so the sign-in page, which
is nearly empty, is measured for comparison.
"""

import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from bench.chromium import ARGUMENTS, LAUNCH_TIMEOUT_MS
from bench.figures import OURS, Figures
from tests.web.browsing import CHROMIUM

RUNS = 5
UPDATES = 5
PATIENCE_MS = 120_000
_SIGNING_IN = "sign-in page: first paint, in a browser"
_FIRST_PAINT = "page CONTROL: first paint, in a browser"
_UPDATE = "page CONTROL, each update: from request to paint, in a browser"
_LONGEST = "page CONTROL, while it updates: longest delay of a key press, in a browser"

_WATCHES = """
window.seen = { updates: [], longest: 0 };
let asked = 0;
const fetched = window.fetch;
window.fetch = (...given) => { asked = performance.now(); return fetched(...given); };
document.addEventListener("renewed", () => {
  const begun = asked;
  requestAnimationFrame(() => setTimeout(() => seen.updates.push(performance.now() - begun)));
}, true);
new PerformanceObserver((list) => {
  for (const task of list.getEntries()) seen.longest = Math.max(seen.longest, task.duration);
}).observe({ type: "longtask" });
"""
_FIRST = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"


def painting(figures: Figures, base: str, size: int, user: str, password: str) -> None:
    """Measure CONTROL in a browser with a table of `size`."""
    with tempfile.TemporaryDirectory(prefix="chromium") as directory, sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            Path(directory),
            executable_path=CHROMIUM,
            args=list(ARGUMENTS),
            timeout=LAUNCH_TIMEOUT_MS,
            # The script below is evaluated in the page, whose policy forbids that.
            bypass_csp=True,
        )
        context.set_default_timeout(PATIENCE_MS)
        context.add_init_script(_WATCHES)
        page = context.new_page()
        signing_in = [_first_paint_ms(page, f"{base}/login") for _ in range(RUNS)]
        figures.add(_SIGNING_IN, size, OURS, signing_in)
        page.locator("input[name=name]").fill(user)
        page.locator("input[name=password]").fill(password)
        page.locator("input[name=password]").press("Enter")
        page.wait_for_url(lambda address: "login" not in address)
        figures.add(_FIRST_PAINT, size, OURS, [_first_paint_ms(page, f"{base}/control") for _ in range(RUNS)])
        page.wait_for_function(f"seen.updates.length >= {UPDATES}")
        seen: dict[str, Any] = page.evaluate("seen")
        figures.add(_UPDATE, size, OURS, seen["updates"])
        figures.add(_LONGEST, size, OURS, [seen["longest"]])
        context.close()


def _first_paint_ms(page: Page, address: str) -> float:
    page.goto(address)
    page.wait_for_function(f"{_FIRST} !== undefined")
    first: float = page.evaluate(_FIRST)
    return first
