"""TABLE HISTORY: in ipvsadm's columns, marked with its time, and a message if nothing was recorded."""

import time

import pytest

from app.web.live.timeline import typed
from tests.web.page_text import text_of
from tests.web.person import Person
from tests.web.pulse_double import PulseDouble

THEN = 1_790_000_040


def test_the_table_of_a_time_is_marked_as_of_that_time(admin: Person, pulse: PulseDouble) -> None:
    page = admin.get(f"/past?at={typed(THEN + 7)}").text
    text = text_of(page)
    assert f"TABLE AT {time.strftime('%Y-%m-%d %H:%M:%S', time.localtime(THEN))}" in text
    assert "not current" in text
    assert "with serial 41 applied" in text
    assert "TCP 192.168.26.10:80 web wlc persistent 300" in text
    assert "-> 192.168.26.21:80 web1 Route 3 17 230" in text
    assert "CURRENT LVS ROUTING TABLE" not in page


def test_the_neighbouring_times_are_led_to(admin: Person, pulse: PulseDouble) -> None:
    page = admin.get(f"/past?at={typed(THEN)}").text
    for at in (THEN - 60, THEN + 60):
        assert f'href="/past?at={typed(at)}"' in page


def test_where_nothing_is_known_it_is_said_and_nothing_shown(admin: Person, pulse: PulseDouble) -> None:
    page = admin.get("/past?at=1980-01-01T00:00").text
    assert "The table of 1980-01-01 00:00:00 is not recorded" in text_of(page)
    assert "RemoteAddress" not in page
    assert f'href="/past?at={typed(1_000_000_000)}"' in page


@pytest.mark.parametrize(("words", "count"), [("web1", 1), ("192.168.26 route", 1), ("nobody", 0)])
def test_a_filter_finds_services_by_all_they_hold(
    admin: Person, pulse: PulseDouble, words: str, count: int
) -> None:
    page = admin.get(f"/past?at={typed(THEN)}&filter={words}").text
    assert page.count('class="service"') == count
    assert ("No service matches" in page) == (count == 0)


def test_what_is_no_time_is_said(admin: Person, pulse: PulseDouble) -> None:
    page = admin.get("/past?at=<b>").text
    assert "is not a time" in page
    assert "<b>&#39;" not in page


def test_a_stopped_pulse_is_said(admin: Person) -> None:
    assert "pulse is not running" in admin.get("/past").text
