"""How it stands between the two routers, in sentences."""

from datetime import UTC, datetime
from typing import Any, cast

import pytest

from app.lvs.reports.partner import PartnerReport, PathReport, RouterReport
from app.store import Partner
from app.web.partner.messages import lines
from app.web.status.partner_client import PartnerSeen

PARTNER = Partner("lvs2", "192.0.2.2", 3637, b"", datetime(2026, 1, 1, tzinfo=UTC))
UP = PathReport(is_up=True, since=1.0, why="")
DOWN = PathReport(is_up=False, since=1.0, why="Nothing listens there.")
OURS = RouterReport(
    name="lvs1",
    version="1",
    serial_no=2,
    fingerprint="a",
    applied=2,
    role="",
    sync="",
    connections=None,
    has_addresses=None,
    hears_owner=None,
    reaches=None,
    ago_s=0.0,
    dispute="",
    story=[],
)
THEIRS: RouterReport = {**OURS, "name": "lvs2"}
REPORT = PartnerReport(
    now=1000.0,
    listening="",
    fingerprint="",
    code=None,
    paired="lvs2",
    address="192.0.2.2",
    port=3637,
    paired_at=1.0,
    their_fingerprint="",
    there=UP,
    here=UP,
    heard_at=999.0,
    standing="agreed",
    ours=OURS,
    theirs=THEIRS,
    clock_s=0.01,
    refused="",
    compared=4,
    different=0,
    verdicts=[],
)


def said(**changes: Any) -> list[tuple[str, bool]]:
    report = cast(PartnerReport, REPORT | changes)
    return [(line.word, line.is_banner) for line in lines(PartnerSeen(PARTNER, report))]


def test_a_router_without_a_partner_says_nothing() -> None:
    assert lines(PartnerSeen(None)) == []


def test_two_that_agree_say_so_on_no_banner() -> None:
    assert said() == [("in sync", False)]


@pytest.mark.parametrize(
    ("changes", "word", "is_banner"),
    [
        ({"standing": "diverged"}, "two configurations", True),
        ({"refused": "it was edited by hand"}, "different", True),
        ({"heard_at": 990.0, "there": DOWN}, "silent", True),
        ({"heard_at": None}, "silent", True),
        ({"there": DOWN}, "one way", True),
        ({"here": DOWN}, "one way", True),
        ({"theirs": {**THEIRS, "applied": None}}, "pulse silent", True),
        ({"standing": "ahead"}, "in transit", False),
        ({"standing": "unknown"}, "comparing", False),
        ({"clock_s": -3.0}, "clocks apart", False),
        ({"different": 2}, "results differ", False),
        ({"theirs": {**THEIRS, "version": "2"}}, "versions differ", False),
        ({"theirs": {**THEIRS, "dispute": "two"}}, "split brain", True),
        ({"theirs": {**THEIRS, "dispute": "nobody"}}, "no owner", True),
    ],
)
def test_each_trouble_has_its_word(changes: dict[str, Any], word: str, is_banner: bool) -> None:
    assert said(**changes) == [(word, is_banner)]


def test_what_both_see_is_told_by_this_routers_pulse_with_its_witnesses() -> None:
    both = {"ours": {**OURS, "dispute": "two"}, "theirs": {**THEIRS, "dispute": "two"}}
    assert said(**both) == [("in sync", False)]


def test_what_was_heard_long_ago_is_not_told_as_if_it_were_now() -> None:
    assert said(heard_at=900.0, different=3, clock_s=9.0) == [("silent", True)]


def test_a_process_that_does_not_run_is_told_with_what_to_do() -> None:
    (line,) = lines(PartnerSeen(PARTNER, None, "partner is not running: start it with 'palometa partner'"))
    assert "palometa partner" in line.text
    assert line.is_banner
