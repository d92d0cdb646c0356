"""The events on CONTROL/MONITORING: newest first, each kind in words."""

import html
import re
from typing import cast, get_args

from app.lvs.reports.status import EventKind, EventReport
from app.web.frame.badges import EVENTS
from tests.web.person import Person
from tests.web.pulse_double import PulseDouble

KINDS = cast("tuple[EventKind, ...]", get_args(EventKind))


def an_event(at: float, kind: EventKind, server: str = "", virtual: str = "", reason: str = "") -> EventReport:
    target = "192.168.26.21:80" if server else ""
    return {"at": at, "kind": kind, "virtual": virtual, "server": server, "target": target, "reason": reason}


def shown(admin: Person) -> list[str]:
    """Return the events as a person reads them, without their times."""
    listed = admin.get("/control/table").text.split('<ol class="events">')[1].split("</ol>")[0]
    lines = [re.sub(r"<[^>]+>", " ", item.split("</time>")[1]) for item in listed.split("<li")[1:]]
    return [re.sub(r"\s+", " ", html.unescape(text)).strip() for text in lines]


def test_the_newest_is_the_first(admin: Person, pulse: PulseDouble) -> None:
    pulse.report["events"] = [
        an_event(1, "down", "web1", "web", "refused"),
        an_event(2, "quorum-lost", "", "web", "1 of 3 servers is left"),
        an_event(3, "suspicion", "", "", "all fell silent at once"),
        an_event(4, "undelivered", "", "", "mail server 127.0.0.1 port 25: Connection refused"),
    ]
    assert shown(admin) == [
        "! notification failed mail server 127.0.0.1 port 25: Connection refused",
        "! isolated all fell silent at once",
        "✗ quorum lost web : 1 of 3 servers is left",
        "✗ out of rotation web1 (192.168.26.21:80) of web: refused",
    ]


def test_each_kind_is_shown_with_its_word(admin: Person, pulse: PulseDouble) -> None:
    pulse.report["events"] = [an_event(n, kind, reason=f"why {n}") for n, kind in enumerate(KINDS)]
    assert [line[2:] for line in reversed(shown(admin))] == [
        f"{EVENTS[kind].text} why {n}" for n, kind in enumerate(KINDS)
    ]


def test_a_name_in_an_event_is_text(admin: Person, pulse: PulseDouble) -> None:
    pulse.report["events"] = [an_event(1, "up", "<b>web1", "</li>web", "<script>alert(1)</script>")]
    page = admin.get("/control/table").text
    assert "<script>alert" not in page
    assert "&lt;b&gt;web1" in page
