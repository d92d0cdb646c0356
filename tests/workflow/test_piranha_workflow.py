"""What every Piranha tutorial shows, done in a real browser: from an empty database to a cluster that serves."""

from collections import Counter
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from lab.cluster import Cluster, end
from lab.network import CLIENT, VIRTUAL4
from tests.pulse.director import Director
from tests.waiting import until
from tests.web.browsing import PASSWORD

pytestmark = [pytest.mark.kernel, pytest.mark.browser, pytest.mark.long]

URL = f"http://{VIRTUAL4}/"
# The embedded kernel has one slow processor.
PATIENCE_MS = 120_000
# Prints who answers; then, after each request, the client's port and what curl ended with.
ASKING = """while sleep 0.05; do curl -s -m 5 -w '%{local_port} %{exitcode} %{errormsg}\\n' "$1"; done"""


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


def table_lines(page: Page) -> list[str]:
    go(page, "CONTROL/MONITORING")
    page.goto("/control?view=raw")
    return (page.locator("#raw").text_content() or "").splitlines()


class SlowAnswer:
    """An answer that goes on for as long as it is wanted, by another server than the one named."""

    def __init__(self, cluster: Cluster, but: str, path: Path) -> None:
        self._cluster, self._path = cluster, path
        while self._begin() == but:
            end(self._asking)

    def _begin(self) -> str:
        with self._path.open("w") as file:
            self._asking = self._cluster.start(
                CLIENT.name, ["curl", "-sN", "-m", "600", f"{URL}slow?s=600"], stdout=file
            )
        until(self._lines, "the answer begins")
        return self._lines()[0].split()[0]

    def _lines(self) -> list[str]:
        return self._path.read_text().splitlines()

    def require_going_on(self) -> None:
        """Return when a line has come that was sent just now."""
        seen = len(self._lines())
        until(lambda: len(self._lines()) > seen + 1, "the answer goes on")
        assert self._asking.poll() is None


def lost_but_of(server: str, director: Director, seen: str) -> list[str]:
    """Return what is known of the requests among the `seen` that failed, but of those given to `server`."""
    lost: list[str] = []
    connections = director.run("ipvsadm", "-Lcn").splitlines()
    for line in seen.splitlines():
        port, *ended = line.split()
        if port.isdigit() and ended[0] != "0":
            of_port = [connection for connection in connections if f":{port} " in connection]
            if not of_port or server not in of_port[0]:
                lost.append(f"{line}: {of_port}")
    return lost


def test_a_cluster_is_made_in_the_browser_and_serves(
    cluster: Cluster, client_browser: Browser, tmp_path: Path
) -> None:
    director = Director(cluster, tmp_path)
    director.start_installed()
    link = director.start_web()
    base = link.partition("/setup")[0]
    page = client_browser.new_context(base_url=base).new_page()
    page.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)

    set_first_password(page, link)
    go(page, "GLOBAL SETTINGS")
    expect(page.get_by_text("Current type is: direct")).to_be_visible()
    add_virtual_server(page)
    go(page, "REAL SERVER")
    for node in cluster.web_servers:
        add_real_server(page, node.name, str(node.legs[0].ipv4))
    go(page, "VIRTUAL SERVERS")
    press(page, "(DE)ACTIVATE")
    expect(page.get_by_text("3 of 3 servers")).to_be_visible()

    listed = director.run("ipvsadm", "-Ln").splitlines()
    assert table_lines(page) == listed
    assert len(listed) == 7
    answers = Counter(director.answers(URL, 300))
    assert set(answers) == {"web1", "web2", "web3"}
    assert all(95 <= count <= 105 for count in answers.values()), answers

    slow = SlowAnswer(cluster, "web2", tmp_path / "slow")
    watching = cluster.start(CLIENT.name, ["sh", "-c", ASKING, "sh", URL], stdout=-1)
    go(page, "VIRTUAL SERVERS")
    go(page, "WEB")
    go(page, "REAL SERVER")
    choose(page, "web2")
    press(page, "(DE)ACTIVATE")
    expect(page.get_by_text("saved 13 · applied 13")).to_be_visible()
    assert "10.36.0.12" not in director.run("ipvsadm", "-Ln")
    assert set(director.answers(URL, 20)) == {"web1", "web3"}

    director.kill_web()
    director.kill()
    director.start()
    assert director.start_web() == base
    assert director.palometa("plan").returncode == 0
    page.goto("/virtual")
    expect(page.get_by_text("2 of 2 servers")).to_be_visible()
    watching.terminate()
    seen, _ = watching.communicate()
    assert lost_but_of("10.36.0.12", director, seen) == []
    assert {"web1", "web3"} <= set(seen.split())
    slow.require_going_on()
    director.kill_web()
    director.stop()
