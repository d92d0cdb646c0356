"""EVENTS: all that pulse keeps and what was accepted, newest first, filtered by what stands in the address."""

import html
import re
import time
from datetime import UTC, datetime

import pytest

from app.lvs.reports.status import EventKind, EventReport
from app.settings import Settings
from app.store import RevisionHead, Store
from app.web.live.timeline import ACCEPTED, ITEMS_A_PAGE, Wanted, moment, timeline, typed
from tests.web.clusters import save_cluster
from tests.web.page_text import text_of
from tests.web.person import Person
from tests.web.pulse_double import PulseDouble

T0 = 1_790_000_000.0


def event(
    at: float, kind: EventKind = "down", virtual: str = "web", server: str = "web1", reason: str = "refused"
) -> EventReport:
    return {
        "at": at,
        "kind": kind,
        "virtual": virtual,
        "server": server,
        "target": "10.0.0.1:80",
        "reason": reason,
    }


def head(at: float, serial_no: int = 4) -> RevisionHead:
    return RevisionHead(serial_no, datetime.fromtimestamp(at, UTC), "anna", "web: weight 1 → 2", "")


EVENTS = [
    event(T0),
    event(T0 + 10, "up", reason="connected"),
    event(T0 + 20, "down", "mail", "mx1"),
    event(T0 + 30, "suspicion", "", "", "all fell silent"),
]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Wanted(), [30, 25, 20, 10, 0]),
        (Wanted(kind="down"), [20, 0]),
        (Wanted(kind=ACCEPTED), [25]),
        (Wanted(service="web"), [10, 0]),
        (Wanted(server="mx1"), [20]),
        (Wanted(text="REFUSED mail"), [20]),
        (Wanted(text="serial 4"), [25]),
        (Wanted(text="10.0.0.1:80 web1"), [10, 0]),
        (Wanted(since=T0 + 10, until=T0 + 25), [25, 20, 10]),
        (Wanted(service="web", kind="up"), [10]),
        (Wanted(text="nowhere"), []),
    ],
)
def test_each_filter_lets_through_what_it_names(wanted: Wanted, found: list[int]) -> None:
    part = timeline(EVENTS, [head(T0 + 25)], wanted, 1)
    assert [int(item.at - T0) for item in part.items] == found
    assert part.found == len(found)


def test_a_long_timeline_has_pages_and_the_last_one_is_the_last() -> None:
    many = [event(T0 + n) for n in range(2 * ITEMS_A_PAGE + 1)]
    assert [len(timeline(many, [], Wanted(), page).items) for page in (1, 2, 3, 9)] == [100, 100, 1, 1]
    assert timeline(many, [], Wanted(), 9).page == 3
    assert timeline([], [], Wanted(), 1).pages == 1


def test_a_time_is_read_as_it_is_typed() -> None:
    assert moment(typed(T0)) == T0
    assert moment("") is None
    for wrong in ("yesterday", "1", "0001-01-01T00:00", "9999-01-01T00:00", "2026-13-01T00:00"):
        with pytest.raises(ValueError, match="enter a date and a time"):
            moment(wrong)


def shown(page: str) -> list[str]:
    listed = page.split('<ol class="events timeline">')[1].split("</ol>")[0] if "events timeline" in page else ""
    lines = [re.sub(r"<[^>]+>", " ", item.split("</time>")[1]) for item in listed.split("<li")[1:]]
    return [
        re.sub(r"\s+", " ", html.unescape(text)).strip().removeprefix(": the table at that time ")
        for text in lines
    ]


def test_the_page_shows_events_and_revisions_in_words_and_as_text(
    admin: Person, pulse: PulseDouble, settings: Settings, store: Store
) -> None:
    pulse.events = [event(time.time() - 60, reason="<b>refused")]
    save_cluster(settings, store)
    page = admin.get("/events").text
    assert shown(page) == [
        "i accepted serial 1 by setup: set up",
        "✗ out of rotation web1 (10.0.0.1:80) of web : <b>refused",
    ]
    assert 'href="/history/1"' in page


def test_all_that_pulse_keeps_is_shown_in_pages(admin: Person, pulse: PulseDouble) -> None:
    pulse.events = [event(T0 + n, reason=f"number {n}") for n in range(1000)]
    page = admin.get("/events").text
    assert "1 000 entries found. pulse keeps its last 1 000 events; it has 1 000" in text_of(page).replace(
        "\u2009", " "
    ).replace("\u202f", " ")
    last = admin.get("/events?page=10").text
    assert shown(last)[-1].endswith("number 0")
    assert 'href="/events?page=10"' in page


def test_filters_stand_in_the_address_and_in_the_form(admin: Person, pulse: PulseDouble) -> None:
    pulse.events = [event(T0 + n, server=f"web{n % 3}") for n in range(400)]
    page = admin.get("/events?server=web1&kind=down").text
    assert 'value="web1"' in page
    assert '<option value="down" selected>' in page
    assert 'href="/events?kind=down&amp;server=web1&amp;page=2"' in page
    assert {line.split("rotation ")[1].split()[0] for line in shown(page)} == {"web1"}


def test_a_time_that_is_none_is_said_beside_everything(admin: Person, pulse: PulseDouble) -> None:
    pulse.events = [event(T0)]
    page = admin.get("/events?since=yesterday").text
    assert "is not a time" in page
    assert len(shown(page)) == 1


def test_without_pulse_what_was_accepted_is_still_told(admin: Person, settings: Settings, store: Store) -> None:
    save_cluster(settings, store)
    page = admin.get("/events").text
    assert "pulse is not running" in page
    assert shown(page) == ["i accepted serial 1 by setup: set up"]


def test_the_fragment_is_the_part_of_the_page_with_its_filters(admin: Person, pulse: PulseDouble) -> None:
    pulse.events = [event(T0)]
    assert 'data-source="/events/part?kind=down"' in admin.get("/events?kind=down").text
    part = admin.get("/events/part?kind=down").text
    assert len(shown(part)) == 1
    assert "<html" not in part
