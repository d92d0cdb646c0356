"""What becomes of the other router is told when it changes; a clock that is set is told of."""

import pytest

from app.pulse.events.log import EventLog
from app.pulse.pair.partner_events import PartnerEvents
from app.pulse.vrrp import partner_status
from app.pulse.vrrp.clock_watch import ClockWatch
from app.pulse.vrrp.events import PairEvents
from app.pulse.vrrp.partner_status import ReportedPartner
from tests.pulse.partner_word import WORD


def test_a_silent_pulse_and_a_silent_partner_are_told_once_and_that_they_are_back() -> None:
    tell = PairEvents(EventLog())
    said, news = ReportedPartner(), PartnerEvents(tell)
    silent = {**WORD, "applied": None}
    news.report_changes(said, "10.0.0.3")
    for word in (silent, WORD, WORD, silent, silent, WORD, None, None, WORD):
        said.receive(word)
        news.report_changes(said, "10.0.0.3")
    assert [line["text"] for line in tell.story()] == [
        "pulse on 10.0.0.3 does not answer: that router cannot take over",
        "pulse on 10.0.0.3 answers again",
        "10.0.0.3 is no longer heard over the connection between the two routers",
        "10.0.0.3 is heard again over the connection between the two routers",
    ]


def test_where_nobody_brings_a_word_nothing_is_known_of_the_partner(monkeypatch: pytest.MonkeyPatch) -> None:
    tell = PairEvents(EventLog())
    said, news = ReportedPartner(), PartnerEvents(tell)
    said.receive(WORD)
    news.report_changes(said, "10.0.0.3")
    monkeypatch.setattr(partner_status, "KEPT_S", 0.0)
    news.report_changes(said, "10.0.0.3")
    assert tell.story() == []
    assert said.now is None


@pytest.mark.parametrize(
    ("by_s", "words"),
    [
        (31_536_000, "set 365 days forward"),
        (-3600, "set 60 minutes back"),
        (-7200, "set 2 hours back"),
        (5, "set 5 seconds forward"),
        (1.9, ""),
        (0, ""),
    ],
)
def test_a_clock_that_is_set_is_told_of_and_one_that_is_kept_right_is_not(by_s: float, words: str) -> None:
    watch = ClockWatch()
    assert watch.jump(1e9, 10) == ""
    assert watch.jump(1e9 + 1, 11) == ""
    assert watch.jump(1e9 + 2 + by_s, 12).endswith(words)
    assert watch.jump(1e9 + 3 + by_s, 13) == ""


def test_the_story_of_a_pair_is_its_last_events_and_those_of_its_addresses() -> None:
    events = EventLog()
    tell = PairEvents(events)
    for number in range(9):
        tell.record(f"{number}")
    events.record("up", "of a server")
    events.record("address", "interface eth0\nhas no link")
    assert [line["text"] for line in tell.story()] == [
        "2",
        "3",
        "4",
        "5",
        "6",
        "7",
        "8",
        "interface eth0 has no link",
    ]
