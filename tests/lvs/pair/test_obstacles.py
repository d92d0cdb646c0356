"""What stands in the way of a planned switch, and when two routers know the same connections."""

from typing import Any, cast

import pytest

from app.lvs.pair.switch_readiness import how_far, is_in_step, obstacles
from app.lvs.reports.partner import PartnerSummary
from tests.lvs.pair.ready_partner import READY


def found(*, syncs: bool = True, **changes: Any) -> list[tuple[str, bool]]:
    word = cast(PartnerSummary, READY | changes)
    return [(obstacle.text, obstacle.is_final) for obstacle in obstacles(word, "10.0.0.3", 100, syncs=syncs)]


@pytest.mark.parametrize(
    ("standby", "owner", "expected"),
    [
        (0, 0, True),
        (0, 3, True),
        (0, 4, False),
        (90, 100, True),
        (89, 100, False),
        (130, 100, True),
        (None, 100, None),
        (100, None, None),
    ],
)
def test_nine_in_ten_connections_are_in_step_and_unknown_is_unknown(
    standby: int | None, owner: int | None, expected: bool | None
) -> None:
    assert is_in_step(standby, owner) is expected


def test_how_far_it_is_is_said_in_numbers_or_not_at_all() -> None:
    assert how_far(1234, 1300) == "1,234 of 1,300 connections"
    assert "unknown" in how_far(None, 1300)


def test_a_partner_that_is_ready_has_nothing_in_the_way() -> None:
    assert found() == []


@pytest.mark.parametrize(
    ("changes", "text", "is_final"),
    [
        ({"applied": None}, "pulse on 10.0.0.3 does not answer", True),
        ({"role": "fault"}, "is not on standby: its role is fault", True),
        ({"role": ""}, "its role is none", True),
        ({"hears_owner": False}, "does not receive this router's advertisements", True),
        ({"is_same": False}, "has a different configuration", False),
        ({"sync": ""}, "does not receive connections", False),
        ({"sync": "failed"}, "does not receive connections", False),
        ({"connections": 12}, "knows 12 of 100 connections", False),
        ({"connections": None}, "unknown", False),
    ],
)
def test_each_lack_is_told_and_what_would_leave_nobody_is_final(
    changes: dict[str, Any], text: str, is_final: bool
) -> None:
    ((said, is_so),) = found(**changes)
    assert text in said
    assert is_so is is_final


def test_without_a_sync_daemon_nobody_asks_for_connections() -> None:
    assert found(syncs=False, sync="", connections=None) == []


def test_a_partner_that_is_not_heard_is_no_final_obstacle() -> None:
    ((text, is_final),) = [
        (obstacle.text, obstacle.is_final) for obstacle in obstacles(None, "10.0.0.3", 100, syncs=True)
    ]
    assert "is not reachable" in text
    assert not is_final
