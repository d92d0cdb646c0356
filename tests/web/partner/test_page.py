"""The page PARTNER, with real processes behind it: pairing, choosing one of two, interfaces by their own names."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from flask import Flask

from app.accept.on_disk import OnDisk, compare
from app.lvs.grammar.reader import parse
from app.settings import Settings
from app.store import Store
from app.web.factory import create_app
from app.web.frame.security import cookie_name
from tests.partner.routers import Router, pair
from tests.waiting import until
from tests.web.browsing import ADMIN, PASSWORD
from tests.web.clusters import save_cluster
from tests.web.filled_form import press
from tests.web.person import Person
from tests.web.pulse_double import running_pulse

CODE = re.compile(r'aria-label="The pairing code">([^<]+)<')


class Site:
    """A router with its pages, and its administrator in front of them."""

    def __init__(self, router: Router) -> None:
        self.router = router
        self.app: Flask = create_app(router.settings, router.store)
        client = self.app.test_client()
        user = router.store.users.verify(ADMIN, PASSWORD)
        assert user
        name = cookie_name(router.settings, "session")
        client.set_cookie(name, router.store.sessions.open(user, "127.0.0.1"))
        self.admin = Person(client)

    def text(self, address: str = "/partner") -> str:
        """Return a page."""
        return unescape(self.admin.get(address).text)


@pytest.fixture
def sites(tmp_path: Path, database: Path) -> Iterator[tuple[Site, Site]]:
    routers = [Router(tmp_path / name, database) for name in ("one", "other")]
    try:
        for router in routers:
            router.start()
        one, other = (Site(router) for router in routers)
        yield one, other
    finally:
        for router in routers:
            router.kill()
            router.store.close()


def test_a_single_router_says_how_to_get_a_second_and_nothing_elsewhere(admin: Person) -> None:
    page = unescape(admin.get("/partner").text)
    assert "start it with 'palometa partner'" in page
    assert "PARTNER" in admin.get("/redundancy").text
    assert "partner" not in admin.get("/virtual").text.lower()
    answer = admin.send("/partner/code", on="/partner")
    assert answer.status_code == 503
    assert "No code could be created" in answer.text


@pytest.mark.parametrize(
    ("field", "text", "message"),
    [
        ("port", "0", "'0' is not a port"),
        ("port", "x", "'x' is not a port"),
        ("address", "", "This is not an address"),
        ("address", "::ffff:169.254.169.254", "is a link-local address, which no router has"),
        ("address", "2002:7f00:1::", "is a loopback address, which no router has"),
        ("address", "0xefffffff", "239.255.255.255 is a multicast address, which no router has"),
        ("code", "", "Enter the code"),
    ],
)
def test_what_cannot_be_right_is_told_beside_its_field(admin: Person, field: str, text: str, message: str) -> None:
    typed = {"address": "192.0.2.2", "port": "3637", "code": "x", field: text}
    answer = press(admin, "/partner", "PAIR", {**typed}, form="pair")
    assert answer.status_code == 422
    assert message in unescape(answer.text)


def test_two_are_paired_in_one_step_edited_apart_and_one_is_chosen(sites: tuple[Site, Site]) -> None:
    one, other = sites
    save_cluster(one.router.settings, one.router.store)
    shown = press(one.admin, "/partner", "SHOW A CODE", form="code")
    found = CODE.search(shown.text)
    assert found
    assert found[1] not in one.text()
    typed = {"address": "127.0.0.1", "port": str(one.router.settings.partner_port), "code": found[1]}
    wrong = press(
        other.admin,
        "/partner",
        "PAIR",
        {**typed, "code": f"{found[1][:-1]}{'0' if found[1][-1] != '0' else '1'}"},
        form="pair",
    )
    assert wrong.status_code == 422
    assert "mistyped" in wrong.text
    answer = press(other.admin, "/partner", "PAIR", {**typed}, form="pair")
    assert "the two routers now share one configuration" in other.admin.follow(answer).text
    until(lambda: other.router.names == ["web", "mail"] and one.router.is_now("agreed"))
    until(lambda: "the same on both" in one.text())
    assert "SHOW A CODE" not in one.text()

    other.router.stop()
    one.router.set_port(8081)
    other.router.set_port(8082)
    until(lambda: "other router?" in one.text("/virtual") or "has not been heard" in one.text("/virtual"))
    assert "partner is not running" in other.text("/virtual")
    other.router.start()
    until(one.router.store.partners.offer)
    until(lambda: "Show both routers" in one.text("/virtual"))
    page = one.text()
    assert '<span class="removed">-     port = 8081</span>' in page
    assert '<span class="added">+     port = 8082</span>' in page
    stale = one.admin.get("/partner")
    one.router.set_port(8083)
    refused = press(one.admin, stale, "TAKE THE PARTNER'S", form="choose")
    assert "has changed since that page was displayed" in one.admin.follow(refused).text
    assert one.router.store.snapshot().config.virtual[0].port == 8083
    answer = press(one.admin, "/partner", "TAKE THE PARTNER'S", form="choose")
    assert answer.status_code == 303
    until(lambda: one.router.head == other.router.head and one.router.is_now("agreed"))
    assert [site.router.store.snapshot().config.virtual[0].port for site in sites] == [8082, 8082]
    (head,) = one.router.store.revisions(1)
    assert head.summary == "chosen: 2 of the partner, not 3 of this router"

    answer = press(one.admin, "/partner", "UNPAIR", form="unpair")
    assert "Unpaired from" in one.admin.follow(answer).text
    assert one.router.store.partners.find() is None


def test_each_tells_the_other_what_happened_what_its_sync_daemon_does_and_how_many_connections_it_knows(
    sites: tuple[Site, Site],
) -> None:
    one, other = sites
    pair(one.router, other.router)
    cells = r'data-label="SYNC DAEMON">(.*?)</td>\s*<td data-label="CONNECTIONS" class="number">(.*?)</td>'
    assert re.findall(cells, other.text()) == [("–", "–"), ("–", "–")]
    with running_pulse(one.router.settings.pulse_socket) as pulse:
        pulse.sync, pulse.connections_known = "master", 678
        pulse.story = [{"at": 1764000000.0, "text": "keepalived starts again: <it> ended by itself"}]
        until(lambda: ">678<" in other.text())
        assert all('"EVENT">keepalived starts again: <it> ended by itself</td>' in site.text() for site in sites)
        (ours, theirs), (mine, yours) = re.findall(cells, other.text()), re.findall(cells, one.text())
    assert ours == yours == ("–", "–")
    assert theirs == mine
    assert "sends" in theirs[0]


def test_an_interface_has_its_own_name_on_one_router_only(sites: tuple[Site, Site]) -> None:
    one, other = sites
    save_cluster(one.router.settings, one.router.store)
    pair(one.router, other.router)
    until(lambda: other.router.names == ["web", "mail"])
    answer = press(other.admin, "/partner", "ACCEPT", {"own": "ens3"}, form="interfaces")
    assert "The local interface names are saved" in other.admin.follow(answer).text
    assert b"192.168.26.10 ens3:1" in other.router.settings.lvs_cf.read_bytes()
    assert other.router.head == one.router.head
    assert "edited by hand" not in other.text("/virtual")
    one.router.set_port(8081)
    until(lambda: other.router.head == one.router.head)
    written = other.router.settings.lvs_cf.read_bytes()
    assert b"192.168.26.10 ens3:1" in written
    assert b"port = 8081" in written
    other.router.set_port(8082)
    until(lambda: other.router.head == one.router.head)
    assert b"192.168.26.10 eth0:1" in one.router.settings.lvs_cf.read_bytes()
    by_hand = other.router.settings.lvs_cf.read_bytes().replace(b"port = 8082", b"port = 8083")
    other.router.settings.lvs_cf.write_bytes(by_hand)
    assert '<span class="removed">-     port = 8082</span>' in other.text("/by-hand")
    assert "ens3" not in other.text("/by-hand").split("DIFFERENCE")[1].split("@@")[0]
    press(other.admin, "/by-hand", "IMPORT", form="import")
    until(lambda: other.router.head == one.router.head)
    assert b"192.168.26.10 eth0:1" in one.router.settings.lvs_cf.read_bytes()
    assert b"port = 8083" in one.router.settings.lvs_cf.read_bytes()


def test_a_name_no_interface_can_have_is_refused(admin: Person, settings: Settings, store: Store) -> None:
    save_cluster(settings, store)
    before = settings.lvs_cf.read_bytes()
    answer = press(admin, "/partner", "ACCEPT", {"own": "ens3:1"}, form="interfaces")
    assert answer.status_code == 422
    assert "is not an interface name" in answer.text
    assert settings.lvs_cf.read_bytes() == before


def test_a_file_that_was_not_yet_written_by_the_new_names_is_late_and_no_edit(
    admin: Person, settings: Settings, store: Store
) -> None:
    save_cluster(settings, store)
    before = settings.lvs_cf.read_bytes()
    press(admin, "/partner", "ACCEPT", {"own": "ens3"}, form="interfaces")
    settings.lvs_cf.write_bytes(before)
    assert compare(before, store.revisions(2)) is OnDisk.LATE
    press(admin, "/partner", "ACCEPT", {"own": "ens4"}, form="interfaces")
    config = parse(settings.lvs_cf.read_bytes()).config
    assert config is not None
    assert str(config.virtual[0].address) == "192.168.26.10 ens4:1"
    press(admin, "/partner", "ACCEPT", {"own": ""}, form="interfaces")
    assert settings.lvs_cf.read_bytes() == before
