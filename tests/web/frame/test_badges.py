"""The badges: every state, role and kind of event has one, and an unknown word is displayed as it is."""

from collections.abc import Mapping
from typing import get_args

import pytest

from app.lvs.reports.connections import Why
from app.lvs.reports.pair import Role
from app.lvs.reports.partner import StandingWord
from app.lvs.reports.status import EventKind
from app.lvs.table_page.rows import SERVER_STATES, SERVICE_STATES
from app.web.frame import badges
from app.web.frame.badges import Badge


def test_every_kind_of_event_has_a_badge_with_words_of_its_own() -> None:
    assert set(badges.EVENTS) == set(get_args(EventKind))
    assert len({badge.text for badge in badges.EVENTS.values()}) == len(badges.EVENTS)


def test_a_kind_of_a_newer_pulse_is_an_event() -> None:
    assert badges.event_badge("eclipse") == badges.OTHER_EVENT


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (badges.STATES, (*SERVER_STATES, *SERVICE_STATES)),
        (badges.ROLES, get_args(Role)),
        (badges.RELATIONS, set(get_args(StandingWord)) - {"unknown"}),
        (badges.DECIDERS, get_args(Why)),
    ],
)
def test_every_word_of_a_report_has_a_badge(table: Mapping[str, Badge], words: tuple[str, ...]) -> None:
    assert set(words) <= set(table)


def test_a_state_of_a_newer_pulse_is_displayed_as_it_is() -> None:
    assert badges.state_badge("eclipsed") == Badge(badges.OFF, "eclipsed")


def test_a_service_is_down_because_of_its_servers_and_a_server_because_of_its_checks() -> None:
    assert badges.state_badge("down", is_service=True).meaning != badges.state_badge("down").meaning


@pytest.mark.parametrize(
    ("verdict", "badge"),
    [
        ("up", Badge(badges.UP, "up")),
        ("down, out", Badge(badges.DOWN, "down, out")),
        ("unknown", Badge(badges.OFF, "unknown")),
        ("", Badge(badges.OFF, "–")),
    ],
)
def test_a_verdict_is_green_or_red_only_if_it_is_up_or_down(verdict: str, badge: Badge) -> None:
    assert badges.verdict_badge(verdict) == badge


def test_a_virtual_ip_that_was_not_tried_yet_is_grey_and_one_that_failed_is_not() -> None:
    assert badges.address_badge("unknown").kind is badges.OFF
    assert badges.address_badge("failed").kind is badges.DOWN
