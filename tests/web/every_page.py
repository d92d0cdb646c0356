"""The addresses of every page there is, found from the routes, on a store that has something to show."""

from collections.abc import Iterator
from dataclasses import replace
from ipaddress import IPv4Address

from flask import Flask

from app.lvs.model.values import Floating
from app.settings import Settings
from app.store import Scope, Store
from tests.web.clusters import WEB, Ids, save, save_cluster
from tests.web.program import DAY

NO_PAGES = (
    "static",
    "health",
    "api",
    "downloads",
    "check_stylesheet",
    "old_addresses",
    "by_hand.file",
    "monitoring.table",
    "monitoring.raw",
    "graphs.part",
    "events.part",
)
"""Blueprints and endpoints that answer with no page, or with another one's."""
FURTHER = (
    "/control?view=raw&raw=stats",
    "/control?view=statistics&sort=-inbytes",
    "/control?view=timeouts",
    "/control?view=sync",
    "/control?group=host&names=1",
    "/control?filter=state:nothing",
    "/connections?client=203.0.113.7",
    "/graphs?service=tcp+192.168.26.10:443&range=1month",
    "/graphs?service=tcp+192.168.26.10:443&server=192.168.26.21:443",
    "/events?kind=down&since=2026-01-31T22:00&page=2",
    "/past?at=2026-01-31T22:00",
    "/past?at=1980-01-01T00:00",
    "/past?at=yesterday",
    "/events?since=yesterday",
    "/history?before=1",
    "/virtual?undo=2",
    "/nowhere",
)
"""Pages as they are with arguments, and an error's."""


FIRST_OF_MANY = IPv4Address("10.1.0.1")


def fill(settings: Settings, store: Store) -> Ids:
    """Put something on every page: two clusters' revisions, a token, and a virtual server that was deleted."""
    ids = save_cluster(settings, store)
    with store.edit("anna", "192.0.2.7") as edit:
        edit.delete_virtual(ids.mail)
        edit.finish("mail: virtual server deleted", b"serial_no = 2\n")
    save(settings, store, store.snapshot().config)
    store.api_tokens.make("deploy", Scope.OPERATE, DAY, "anna")
    return ids


def fill_with_a_thousand(settings: Settings, store: Store) -> Ids:
    """Put a thousand virtual servers with long names behind the two of `save_cluster`."""
    servers = tuple(
        replace(WEB.server[0], name=f"application-server-{place:02}", address=IPv4Address("192.168.26.21") + place)
        for place in range(10)
    )
    many = (
        replace(WEB, name=f"customer-portal-{n:04}", address=Floating(FIRST_OF_MANY + n, "eth0:1"), server=servers)
        for n in range(1000)
    )
    return save_cluster(settings, store, *many)


def addresses(app: Flask, ids: Ids | None) -> Iterator[str]:
    """Yield the address of each page; without `ids`, of each that is about nothing in particular."""
    given = ids and {
        "row_id": ids.web,
        "server_id": ids.rs1,
        "serial_no": 2,
        "address": WEB.server[0].address,
        "token": "nobodys",
    }
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        is_page = rule.endpoint not in NO_PAGES and rule.endpoint.partition(".")[0] not in NO_PAGES
        if not is_page or "GET" not in (rule.methods or ()) or rule.rule == "/":
            continue
        if given:
            query = "?service=tcp+192.168.26.99:99" if rule.endpoint == "adoption.page" else ""
            yield adapter.build(rule.endpoint, {name: given[name] for name in rule.arguments}) + query
        elif not rule.arguments and rule.endpoint != "adoption.page":
            yield rule.rule
