"""A Chromium that runs in a network namespace, driven from outside it over pipes."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

CHROMIUM = "/usr/bin/chromium-headless-shell"
"""Chromium without a window of its own, which starts and paints in half the time."""
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # As few processes as will work: the embedded kernel has one slow processor, and these make a page take a
    # third of the time there.
    "--no-zygote",
    "--in-process-gpu",
    "--disable-software-rasterizer",
    "--disable-extensions",
    "--disable-site-isolation-trials",
    "--enable-features=NetworkServiceInProcess2",
    "--disable-features=NetworkServiceSandbox,Translate,OptimizationHints,MediaRouter,DialMediaRouteProvider,"
    "AudioServiceOutOfProcess,SpareRendererForSitePerProcess",
)
LAUNCH_TIMEOUT_MS = 180_000


@contextmanager
def chromium_in(namespace: str, directory: Path) -> Iterator[Browser]:
    """Run a headless Chromium in `namespace`; `directory` is for the files it needs."""
    program = directory / "chromium"
    program.write_text(f'#!/bin/sh\nexec ip netns exec {namespace} {CHROMIUM} "$@"\n')
    program.chmod(0o755)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(program), args=list(ARGUMENTS), timeout=LAUNCH_TIMEOUT_MS
        )
        try:
            yield browser
        finally:
            browser.close()
