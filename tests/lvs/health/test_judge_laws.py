"""What holds for every story of results, whatever the rules."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.lvs.checks.check import Result
from app.lvs.model.check_kinds import CheckKind, LoadKind
from app.lvs.model.config import VirtualServer
from app.lvs.model.values import AdminState
from tests.lvs.judged import (
    CLOCK_S,
    NOT_RUN,
    PASSED,
    REFUSED,
    SILENT,
    SORRY,
    UNTIL,
    Director,
    answer,
    director,
    kinds,
    says,
)
from tests.lvs.samples import config, server, virtual

rules = st.fixed_dictionaries(
    {
        "fall": st.integers(1, 3),
        "rise": st.none() | st.integers(1, 2),
        "reentry": st.sampled_from([0, 10]),
        "also_check": st.sampled_from([None, "ping"]),
        "check_need": st.sampled_from(["all", "any"]),
        "quiesce_server": st.booleans(),
        "sorry_server": st.sampled_from([None, SORRY]),
        "quorum": st.integers(1, 3),
        "max_out": st.sampled_from([0, 50, 100]),
        "tier_need": st.integers(1, 2),
        "damping": st.sampled_from([0, 20]),
        "slow_start": st.sampled_from([0, 30]),
        "degraded_ms": st.sampled_from([None, 500]),
        "degraded_weight": st.sampled_from([30, 100]),
        "load_monitor": st.sampled_from([None, "agent"]),
        "load_step": st.sampled_from([10, 100]),
    }
)
members = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.sampled_from([0, 1, 7, 65535]),
        st.sampled_from([None, None, AdminState.DRAIN, AdminState.MAINTENANCE]),
    ),
    min_size=1,
    max_size=4,
)
results = st.sampled_from(
    [PASSED, answer(2.0), REFUSED, REFUSED, SILENT, NOT_RUN, says("30%"), says("drain"), says("down"), says("up")]
)
stories = st.lists(
    st.tuples(st.integers(0, 30), results, st.sampled_from([0.0, 0.5, 5.0, 25.0])), min_size=1, max_size=60
)


def service(rules: dict[str, Any], members: Sequence[tuple[int, int, AdminState | None]]) -> VirtualServer:
    made = tuple(
        server(number, tier=tier, weight=weight, admin_state=state, admin_until=UNTIL if state else None)
        for number, (tier, weight, state) in enumerate(members, 1)
    )
    return virtual(check=CheckKind.TCP, load_port=3333, server=made, **rules)


def tell(made: Director, number: int, result: Result, after_s: float) -> list[Any]:
    """Tell one result of the check `number` counts to, or its agent's, after what time alone brought about."""
    events = made.wait(after_s)
    checks = list(made.judge.checks)
    check = checks[number % len(checks)]
    if bool(result.agent_line) != (check.kind is LoadKind.AGENT):
        return events
    return events + made.judge.judge(check, result, made.now)


@given(rules, members, stories)
@settings(max_examples=150, deadline=None)
def test_weights_are_between_nothing_and_the_configured_and_the_same_story_ends_the_same(
    rules: dict[str, Any],
    members: list[tuple[int, int, AdminState | None]],
    story: list[tuple[int, Result, float]],
) -> None:
    first, other = (Director(config(service(rules, members))) for _ in range(2))
    for number, result, after_s in story:
        before, changes = first.judge.health, first.judge.changes
        assert kinds(tell(first, number, result, after_s)) == kinds(tell(other, number, result, after_s))
        assert first.judge.health == other.judge.health
        assert first.judge.health == before or first.judge.changes > changes
        (presence,) = first.judge.health
        assert presence is not None
        for weight, (_, configured, _) in zip(presence.servers, members, strict=True):
            assert weight is None or 0 <= weight <= configured
        for monitored, weight in zip(first.judge.servers(), presence.servers, strict=True):
            if monitored.admin.state is AdminState.MAINTENANCE:
                assert weight is None
            elif monitored.admin.state is AdminState.DRAIN:
                assert weight == 0
            elif not monitored.is_in:
                assert weight == (0 if rules["quiesce_server"] else None)
        assert all(monitored.is_ready for monitored in first.judge.servers()) or first.clock_s < CLOCK_S + 60
        if presence.sorry:
            assert not any(presence.servers)


@given(rules, members, stories)
@settings(max_examples=150, deadline=None)
def test_with_damping_no_server_comes_in_or_goes_out_twice_within_its_time(
    rules: dict[str, Any],
    members: list[tuple[int, int, AdminState | None]],
    story: list[tuple[int, Result, float]],
) -> None:
    # What is above the damping is left out: a floor, a suspicion (nobody is silent), an administrator.
    ready = [(tier, weight or 1, None) for tier, weight, _ in members]
    made = Director(config(service({**rules, "damping": 20, "max_out": 100, "load_monitor": None}, ready)))
    moves: dict[int, list[float]] = {}
    before = [False] * len(members)
    for number, result, after_s in story:
        tell(made, number, REFUSED if result is SILENT else result, after_s)
        after = [monitored.is_in for monitored in made.judge.servers()]
        for at, (was, now) in enumerate(zip(before, after, strict=True)):
            if was != now:
                moves.setdefault(at, []).append(made.now)
        before = after
    assert all(later - earlier >= 20 for times in moves.values() for earlier, later in pairwise(times)), moves


@given(rules, members, stories)
@settings(max_examples=150, deadline=None)
def test_nothing_moves_without_an_event_or_a_reason_to_be_shown(
    rules: dict[str, Any],
    members: list[tuple[int, int, AdminState | None]],
    story: list[tuple[int, Result, float]],
) -> None:
    made = Director(config(service(rules, members)))
    before = {monitored.server.name: monitored.is_in for monitored in made.judge.servers()}
    for number, result, after_s in story:
        events = tell(made, number, result, after_s)
        about = {event.server for event in events if hasattr(event, "server")}
        is_about_all = {"quorum", "quorum-lost"} & set(kinds(events))
        for monitored in made.judge.servers():
            is_by_sorry = rules["sorry_server"] is not None
            if (
                monitored.is_in != before[monitored.server.name]
                and monitored.is_ready
                and not (is_about_all or is_by_sorry)
            ):
                assert monitored.server.name in about
            if monitored.is_in != monitored.is_healthy and monitored.is_ready:
                assert monitored.hold is not None or (monitored.is_failed and is_by_sorry)
            before[monitored.server.name] = monitored.is_in


@pytest.mark.parametrize("rules", [{}, {"damping": 30}, {"slow_start": 30}, {"max_out": 50}, {"quorum": 2}])
def test_a_look_at_a_time_nothing_is_due_changes_nothing(rules: dict[str, Any]) -> None:
    made = director(1, 2, 3, **rules)
    made.wait(1000.0)
    changes = made.judge.changes
    for _ in range(5):
        assert made.wait(100.0) == []
    assert made.judge.changes == changes
