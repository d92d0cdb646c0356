"""What pulse tells of the real servers."""

from dataclasses import replace
from typing import Any

import pytest

from app.lvs.checks.check import Outcome, Result
from app.lvs.model.check_kinds import CheckKind, LoadKind
from app.lvs.model.values import AdminState, Protocol
from app.lvs.reports.status import ServerReport
from app.pulse.health.report import Times, server_reports, verdicts
from tests.lvs.judged import CLOCK_S, NOT_RUN, PASSED, REFUSED, Director
from tests.lvs.samples import config, server, virtual


def told(made: Director, is_run: bool = True) -> list[ServerReport]:
    """Return the reports, as if each check ran again in 5 s."""
    times = Times(made.now, made.clock_s, lambda check: made.now + 5.0 if is_run else None)
    return list(server_reports(made.judge.virtuals, times))


def test_the_other_router_is_told_the_same_in_short() -> None:
    made = Director(config(virtual(reentry=0, server=(server(1), server(2)))))
    made.hear(1, PASSED)
    made.hear(2, REFUSED)
    made.wait(3.0)
    times = Times(made.now, made.clock_s, lambda check: made.now + 5.0)
    assert list(verdicts(made.judge.virtuals.values(), times)) == [
        (report["virtual"], report["name"], report["address"], report["port"], report["state"], report["is_in"])
        for report in told(made)
    ]


def one(**rules: Any) -> Director:
    return Director(config(virtual(**{"reentry": 0, "server": (server(1, weight=10),), **rules})))


def test_a_server_whose_check_cannot_be_run_for_long_is_stale_with_the_reason() -> None:
    made = one(timeout=6)
    made.hear(1, PASSED)
    made.hear(1, NOT_RUN, 6.0)
    assert told(made)[0]["state"] == "up"
    for _ in range(3):
        made.hear(1, NOT_RUN, 6.0)
    [report] = told(made)
    assert (report["state"], report["message"], report["is_in"]) == ("stale", "no descriptors left", True)
    assert report["checks"][0]["state"] == "stale"
    made.hear(1, PASSED, 6.0)
    assert told(made)[0]["state"] == "up"


def test_of_several_checks_the_one_that_cannot_be_run_gives_the_reason() -> None:
    made = one(timeout=6, also_check="ping", check_need="any")
    for _ in range(5):
        made.hear(1, PASSED, 3.0, CheckKind.SEND)
        made.hear(1, NOT_RUN, 3.0, CheckKind.PING)
    [report] = told(made)
    assert (report["state"], report["message"]) == ("stale", "no descriptors left")


def test_a_server_that_is_up_is_told_with_its_check() -> None:
    made = one()
    made.hear(1, replace(PASSED, duration_s=0.0123))
    made.wait(3.0)
    assert told(made) == [
        {
            "position": 0,
            "index": 0,
            "virtual": "WEB",
            "name": "web1",
            "address": "192.0.2.11",
            "port": 80,
            "state": "up",
            "is_in": True,
            "weight": 10,
            "is_degraded": False,
            "held": "",
            "admin": "ready",
            "admin_until": None,
            "admin_reason": "",
            "since": CLOCK_S + 1.0,
            "message": "TCP connect: connected",
            "duration_ms": 12.3,
            "checked_at": CLOCK_S + 1.0,
            "next_check_at": CLOCK_S + 9.0,
            "checks": [
                {
                    "kind": "send and expect",
                    "target": "192.0.2.11 port 80",
                    "state": "up",
                    "message": "TCP connect: connected",
                    "duration_ms": 12.3,
                    "checked_at": CLOCK_S + 1.0,
                    "next_check_at": CLOCK_S + 9.0,
                }
            ],
        }
    ]


def test_the_check_that_failed_explains_why_a_server_is_down() -> None:
    made = one(check=CheckKind.TCP, also_check="ping")
    made.hear(1, PASSED, kind=CheckKind.TCP)
    (report,) = told(made)
    assert (report["state"], report["message"]) == ("unknown", "not checked yet")
    made.hear(1, replace(REFUSED, message="ping: no answer"), kind=CheckKind.PING)
    (report,) = told(made)
    assert (report["state"], report["is_in"], report["weight"]) == ("down", False, None)
    assert report["message"] == "ping: no answer"
    assert [(check["target"], check["state"]) for check in report["checks"]] == [
        ("192.0.2.11 port 80", "up"),
        ("192.0.2.11", "down"),
    ]


def test_a_check_that_is_not_run_any_more_makes_its_server_stale() -> None:
    made = one()
    made.hear(1, PASSED)
    (report,) = told(made, is_run=False)
    assert (report["state"], report["checks"][0]["state"]) == ("stale", "stale")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"check": CheckKind.NONE}, "it is not checked, so it counts as up: check = none"),
        ({"protocol": Protocol.UDP}, "it cannot be checked, so it counts as up: set Send and Expect"),
    ],
)
def test_where_nothing_is_asked_that_is_said_and_why(settings: dict[str, Any], message: str) -> None:
    (report,) = told(one(**settings))
    assert (report["state"], report["is_in"], report["checks"]) == ("unchecked", True, [])
    assert report["message"].startswith(message)


def test_an_administrators_word_is_in_the_report() -> None:
    made = one(
        server=(
            server(1, admin_state=AdminState.DRAIN, admin_until="2027-01-31T22:00Z", admin_reason="new kernel"),
        )
    )
    made.hear(1, PASSED)
    (report,) = told(made)
    assert (report["state"], report["is_in"], report["weight"], report["held"]) == ("up", False, 0, "")
    assert (report["admin"], report["admin_until"]) == ("drain", 1_801_432_800.0)
    assert report["admin_reason"] == "new kernel"


def test_each_reason_for_another_weight_is_told() -> None:
    made = one(slow_start=100, degraded_ms=100, degraded_weight=50, load_monitor="agent", load_port=3333)
    made.hear(1, replace(PASSED, duration_s=1.0))
    made.wait(45.0)
    said = Result(Outcome.PASSED, "load agent: says 80%", is_reached=True, agent_line="80%")
    made.hear(1, said, kind=LoadKind.AGENT)
    (report,) = told(made)
    assert (report["weight"], report["is_degraded"]) == (2, True)
    assert report["held"] == "weight 2 of 10: load 80 %, degraded 50 %, slow start"
    assert [(check["kind"], check["state"], check["message"]) for check in report["checks"]][1] == (
        "agent",
        "up",
        "load agent: says 80%",
    )
    for words in ("drain", "maint"):
        made.hear(1, replace(said, agent_line=words), kind=LoadKind.AGENT)
        (report,) = told(made)
        assert report["held"] == f"its load agent reports {words}"
        assert not report["weight"]


def test_a_server_that_is_held_says_why() -> None:
    made = one(max_out=0)
    made.hear(1, PASSED)
    made.hear(1, REFUSED)
    (report,) = told(made)
    assert (report["state"], report["is_in"], report["weight"]) == ("down", True, 10)
    assert report["held"] == "no more than 0 of 1 servers may be out because of failed checks"
