"""Advice on VIRTUAL SERVERS: what loads and will bite, each with the way to its box."""

import re
from dataclasses import replace
from html import unescape
from ipaddress import IPv4Address

from app.lvs.keywords.table import added
from app.lvs.model.config import Config, RealServer
from app.lvs.model.keyword import BlockKind
from app.lvs.model.values import Protocol
from app.settings import Settings
from app.store import Store
from app.web.config.advice import SHOWN_MAX
from tests.web.clusters import WEB, save
from tests.web.person import Person

ADVICE = re.compile(r"<li>(.*?)</li>", re.DOTALL)


def advice_on(person: Person) -> list[str]:
    html = person.get("/virtual").text
    found = re.search(r'<details class="advice">.*?</details>', html, re.DOTALL)
    return [unescape(item) for item in ADVICE.findall(found[0])] if found else []


def test_each_piece_leads_to_the_page_with_its_box(admin: Person, settings: Settings, store: Store) -> None:
    first, second = WEB.server
    idle = replace(WEB, protocol=Protocol.UDP, server=(first, replace(second, weight=0)))
    save(settings, store, Config(**{**added(BlockKind.GLOBAL), "deadtime": 1}, virtual=(idle,)))
    row = store.snapshot().virtual[0]
    advice = advice_on(admin)
    pages = {
        words: next((item for item in advice if words in item), "")
        for words in ("Weight 0", "Assume dead after", "UDP service without Expect")
    }
    assert f'href="/virtual/{row.id}/real/{row.servers[1].id}"' in pages["Weight 0"]
    assert 'href="/redundancy"' in pages["Assume dead after"]
    assert f'href="/virtual/{row.id}/scripts"' in pages["UDP service without Expect"]
    assert "virtual server 'web', real server 'rs2', " in pages["Weight 0"]


def test_what_no_page_asks_for_leads_nowhere(admin: Person, settings: Settings, store: Store) -> None:
    save(settings, store, Config(**added(BlockKind.GLOBAL), active_cmd="/bin/true", virtual=(WEB,)))
    [item] = [item for item in advice_on(admin) if "active_cmd is kept but not run" in item]
    assert "href" not in item


def test_thousands_are_counted_and_not_all_shown(admin: Person, settings: Settings, store: Store) -> None:
    many = tuple(
        RealServer(name=f"rs{number}", address=IPv4Address("10.0.0.0") + number, active=True, weight=0)
        for number in range(1, 2 * SHOWN_MAX)
    )
    save(settings, store, Config(**added(BlockKind.GLOBAL), virtual=(replace(WEB, server=many),)))
    assert len(advice_on(admin)) == SHOWN_MAX
    html = admin.get("/virtual").text
    assert re.search(rf"<summary>{len(many)}\d* warnings about|<summary>\d+ warnings about", html)
    assert "more.</p>" in html


def test_names_in_it_are_no_html(admin: Person, settings: Settings, store: Store) -> None:
    hostile = replace(WEB, name="<script>alert(1)</script>", server=(replace(WEB.server[0], weight=0),))
    save(settings, store, Config(**added(BlockKind.GLOBAL), virtual=(hostile,)))
    assert any("Weight 0" in item for item in advice_on(admin))
    assert "<script>alert" not in admin.get("/virtual").text
