"""Events for the pages that show them."""

from typing import cast, get_args

from app.lvs.reports.status import EventKind, EventReport

LONG = "3 checks in a row failed in 12.0 s: TCP connect to [2001:db8:26::aaaa:bbbb:cccc:dddd]:8443: " + "x" * 80


def events() -> list[EventReport]:
    return [
        {
            "at": 1764001390.0 + number,
            "kind": kind,
            "virtual": "a-service-with-a-long-name",
            "server": "web1" if number % 2 else "",
            "target": "[2001:db8:26::aaaa:bbbb:cccc:dddd]:8443",
            "reason": LONG,
        }
        for number, kind in enumerate(cast("tuple[EventKind, ...]", get_args(EventKind)))
    ]
