"""Two routers that both advertise as the owner: which steps down, when, and when it tries again."""

from dataclasses import replace

import pytest

from app.lvs.pair.membership import Side
from app.lvs.pair.one_way import TRIES_AGAIN_AT_LAST_S, TRIES_AGAIN_S, Claims, OneWayLoss, are_two_owners
from app.lvs.pair.vrrp import PRIORITIES, STEPPED_BACK
from tests.lvs.pair.virtual_router import BACKUP, PRIMARY

ACTIVE = PRIORITIES[Side.BACKUP]


@pytest.mark.parametrize(
    ("claims", "now", "are_two"),
    [
        (Claims(None, 10.0, ACTIVE), 100.0, False),
        (Claims(10.0, None, ACTIVE), 100.0, False),
        (Claims(10.0, 20.0, ACTIVE), 22.0, False),
        (Claims(10.0, 20.0, ACTIVE), 22.1, True),
        (Claims(20.0, 10.0, ACTIVE), 22.0, False),
        (Claims(20.0, 10.0, ACTIVE), 22.1, True),
    ],
)
def test_two_owners_are_those_that_have_both_claimed_for_two_seconds(
    claims: Claims, now: float, are_two: bool
) -> None:
    assert are_two_owners(BACKUP, claims, now) is are_two


def test_with_rare_advertisements_four_of_them_are_waited_for() -> None:
    rare = replace(BACKUP, advert_ms=1000)
    assert not are_two_owners(rare, Claims(0.0, 0.0, ACTIVE), 4.0)
    assert are_two_owners(rare, Claims(0.0, 0.0, ACTIVE), 4.1)


def test_a_primary_whose_partner_has_given_way_goes_on_as_else_nobody_would_serve() -> None:
    given_way = Claims(0.0, 0.0, STEPPED_BACK[Side.BACKUP])
    assert not are_two_owners(PRIMARY, given_way, 100.0)
    assert are_two_owners(BACKUP, given_way, 100.0)
    assert are_two_owners(PRIMARY, Claims(0.0, 0.0, ACTIVE), 100.0)


def test_it_tries_again_after_a_minute_then_after_twice_as_long_each_time_up_to_sixteen() -> None:
    loss, now = OneWayLoss(), 1000.0
    waits: list[float] = []
    for _ in range(7):
        assert loss.next_step(-50, now, are_two=True, is_answering=True) == -50
        assert loss.is_deaf
        begun = now
        while loss.next_step(-50, now, are_two=True, is_answering=True) is None:
            now += 1.0
        assert not loss.is_deaf
        waits.append(now - begun - 1.0)
    assert waits == [TRIES_AGAIN_S, 120.0, 240.0, 480.0, TRIES_AGAIN_AT_LAST_S, 960.0, 960.0]


def test_the_step_of_trying_again_is_back_to_none() -> None:
    loss = OneWayLoss()
    loss.next_step(-50, 0.0, are_two=True, is_answering=True)
    assert loss.next_step(-50, TRIES_AGAIN_S + 1, are_two=False, is_answering=False) == 0


@pytest.mark.parametrize(
    ("step_down", "are_two", "is_answering"), [(0, True, True), (-50, False, True), (-50, True, False)]
)
def test_it_stays_where_there_is_no_lower_step_one_owner_or_no_keepalived_that_answers(
    step_down: int, are_two: bool, is_answering: bool
) -> None:
    loss = OneWayLoss()
    assert loss.next_step(step_down, 0.0, are_two=are_two, is_answering=is_answering) is None
    assert not loss.is_deaf
