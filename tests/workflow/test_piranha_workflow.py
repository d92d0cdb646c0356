"""What every Piranha tutorial shows, as a newcomer does it: `make demo`, and a browser at the link it prints."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from lab.demo import RATE_FILE, REPORT_FILE
from lab.inside import CLONE
from lab.network import VIRTUAL4, web_server
from tests.free_ports import free_port
from tests.waiting import LIMIT_S, until
from tests.web.browsing import PASSWORD, PATIENCE_MS

pytestmark = pytest.mark.browser

WEB_SERVERS = tuple(web_server(number) for number in (1, 2, 3))
# The embedded kernel is slow, and here there may be others beside it.
BOOTS_WITHIN_S = 300.0


class Demonstration:
    """A demonstration that runs, with its state in `directory`."""

    def __init__(self, directory: Path) -> None:
        self._files = directory / "demo"
        self._said = directory / "said"
        settings = {"PALOMETA_PORT": str(free_port(count=3)), "PALOMETA_DEMO_DIRECTORY": str(directory)}
        with self._said.open("w") as said:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "lab.run", "--demo"],
                cwd=CLONE,
                env={**os.environ, **settings, "PYTHONUNBUFFERED": "1"},
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
            )

    def link(self) -> str:
        """Return the link that it prints for the director's pages, once it does."""

        def found() -> str:
            assert self._process.poll() is None, self._said.read_text()
            match = re.search(r"^Set the first password: (\S+)$", self._said.read_text(), re.MULTILINE)
            return match[1] if match else ""

        return until(found, lambda: self._said.read_text(), BOOTS_WITHIN_S)

    def answers(self) -> set[str]:
        """Return who answered the client within the last second; a request nobody answered is "failed"."""
        path = self._files / REPORT_FILE
        return set(re.findall(r"(\w+) \d+", path.read_text().partition(":")[2]) if path.exists() else ())

    def set_rate(self, requests_per_s: int) -> None:
        """Let the client ask so often."""
        (self._files / RATE_FILE).write_text(f"{requests_per_s}\n")

    def interrupt(self) -> int:
        """Stop it as Ctrl-C does, and return its exit status."""
        self._process.send_signal(signal.SIGINT)
        return self._process.wait(LIMIT_S)

    def end(self) -> None:
        """End it if it still runs."""
        if self._process.poll() is None:
            self.interrupt()


@pytest.fixture
def demonstration(tmp_path: Path) -> Iterator[Demonstration]:
    running = Demonstration(tmp_path)
    try:
        yield running
    finally:
        running.end()


def press(page: Page, button: str) -> None:
    page.get_by_role("button", name=button, exact=True).click()


def go(page: Page, link: str) -> None:
    page.get_by_role("link", name=link, exact=True).click()


def choose(page: Page, name: str) -> None:
    page.get_by_role("radio", name=f"Select {name}", exact=True).check()


def set_first_password(page: Page, link: str) -> None:
    page.goto(link)
    for box in page.locator("input[type=password]").all():
        box.fill(PASSWORD)
    press(page, "ACCEPT")
    expect(page.get_by_role("heading", level=1)).to_have_text("CONTROL / MONITORING")


def add_virtual_server(page: Page) -> None:
    go(page, "VIRTUAL SERVERS")
    press(page, "ADD")
    press(page, "EDIT")
    page.get_by_label("Name", exact=True).fill("WEB")
    page.get_by_label("Virtual IP Address").fill(str(VIRTUAL4))
    page.get_by_label("Device").fill("eth0:1")
    page.get_by_label("Scheduling", exact=True).select_option("rr")
    press(page, "ACCEPT")
    expect(page.get_by_text("saved 2 · applied 2")).to_be_visible()


def add_real_server(page: Page, name: str, address: str) -> None:
    press(page, "ADD")
    choose(page, "[unnamed]")
    press(page, "EDIT")
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Address", exact=True).fill(address)
    press(page, "ACCEPT")
    press(page, "CANCEL")
    choose(page, name)
    press(page, "(DE)ACTIVATE")


def table_lines(page: Page) -> list[list[str]]:
    """Return the words of each line of the table as ipvsadm prints it, without its head."""
    go(page, "CONTROL/MONITORING")
    go(page, "Raw")
    return [line.split() for line in (page.locator("#raw").text_content() or "").splitlines()[3:]]


def test_a_cluster_is_made_in_the_browser_and_serves(demonstration: Demonstration, browser: Browser) -> None:
    link = demonstration.link()
    page = browser.new_context(base_url=link.partition("/setup")[0]).new_page()
    page.set_default_timeout(PATIENCE_MS)

    set_first_password(page, link)
    go(page, "GLOBAL SETTINGS")
    expect(page.get_by_text("Current type is: direct")).to_be_visible()
    add_virtual_server(page)
    go(page, "REAL SERVER")
    for node in WEB_SERVERS:
        add_real_server(page, node.name, str(node.legs[0].ipv4))
    go(page, "VIRTUAL SERVERS")
    press(page, "(DE)ACTIVATE")
    expect(page.get_by_text("3 of 3 servers")).to_be_visible()

    service, *servers = table_lines(page)
    assert service == ["TCP", f"{VIRTUAL4}:80", "rr"]
    assert [line[:4] for line in servers] == [
        ["->", f"{node.legs[0].ipv4}:80", "Route", "1"] for node in WEB_SERVERS
    ]
    demonstration.set_rate(20)
    until(lambda: demonstration.answers() == {"web1", "web2", "web3"}, "all three answer")

    go(page, "VIRTUAL SERVERS")
    go(page, "WEB")
    go(page, "REAL SERVER")
    choose(page, "web2")
    press(page, "(DE)ACTIVATE")
    expect(page.get_by_text("saved 13 · applied 13")).to_be_visible()
    until(lambda: demonstration.answers() == {"web1", "web3"}, "the other two answer")
    assert [line[1] for line in table_lines(page)[1:]] == [f"{WEB_SERVERS[at].legs[0].ipv4}:80" for at in (0, 2)]
    assert demonstration.interrupt() == 0
