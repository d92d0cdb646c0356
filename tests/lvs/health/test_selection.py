"""Who is in: damping, tiers, the floor and the quorum."""

from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.lvs.health.selection import Candidate, Cause, Policy, Selection, select

UP = Candidate(is_up=True, is_in=True)
RETURNED = Candidate(is_up=True)
FAILED = Candidate(is_down=True, is_in=True)
OUT = Candidate(is_down=True)


def chosen(*candidates: Candidate, now: float = 1000.0, was_lost: bool = False, **rules: Any) -> Selection:
    return select(candidates, replace(Policy(), **rules), was_lost, now)


def test_without_rules_of_its_own_a_service_has_those_whose_checks_pass() -> None:
    assert chosen(UP, RETURNED, FAILED, OUT).is_in == [True, True, False, False]


def test_of_those_that_failed_the_last_is_kept() -> None:
    before = [replace(OUT, failed_at=1.0), replace(OUT, failed_at=9.0)]
    assert chosen(*before, replace(FAILED, failed_at=5.0), UP, max_out=50).is_in == [False, False, True, True]
    assert chosen(*before, max_out=50).is_in == [False, True]


@pytest.mark.parametrize(("percent", "out"), [(100, 3), (99, 2), (67, 2), (66, 1), (33, 0), (0, 0)])
def test_the_share_that_may_be_out_is_rounded_down(percent: int, out: int) -> None:
    assert chosen(FAILED, FAILED, FAILED, max_out=percent).is_in.count(False) == out


def test_a_server_nobody_has_asked_yet_is_not_out_because_of_failed_checks() -> None:
    assert chosen(Candidate(is_pending=True), Candidate(is_pending=True), max_out=0).is_in == [False, False]


def test_a_server_in_maintenance_does_not_widen_the_floor() -> None:
    away = replace(UP, is_ready=False)
    assert chosen(away, away, FAILED, UP, max_out=50).is_in == [False, False, False, True]
    assert chosen(away, away, FAILED, OUT, max_out=50).is_in == [False, False, True, False]


def test_a_later_tier_comes_in_only_while_too_few_before_it_are_up() -> None:
    reserve = replace(RETURNED, tier=5)
    assert chosen(UP, FAILED, reserve).is_in == [True, False, False]
    assert chosen(UP, FAILED, reserve, tier_need=2).is_in == [True, False, True]
    assert chosen(FAILED, FAILED, reserve, replace(reserve, tier=6)).is_in == [False, False, True, False]


def test_a_tier_waits_for_the_first_results_of_those_before_it() -> None:
    pending, reserve = Candidate(is_pending=True), replace(RETURNED, tier=1)
    assert chosen(pending, reserve).is_in == [False, False]
    assert chosen(pending, replace(reserve, is_in=True)).is_in == [False, True]


def test_servers_that_get_no_clients_do_not_keep_a_tier_out() -> None:
    reserve = replace(RETURNED, tier=1)
    assert chosen(replace(UP, has_weight=False), reserve).is_in == [True, True]
    assert chosen(replace(UP, is_ready=False), reserve).is_in == [False, True]


def test_a_lost_quorum_gives_the_service_to_the_sorry_server_alone() -> None:
    found = chosen(UP, FAILED, FAILED, quorum=2, has_sorry=True)
    assert (found.is_in, found.is_lost) == ([False, False, False], True)
    found = chosen(UP, FAILED, FAILED, quorum=2)
    assert (found.is_in, found.is_lost) == ([True, False, False], True)


def test_a_quorum_is_back_only_with_its_margin() -> None:
    rules: dict[str, Any] = {"quorum": 2, "quorum_margin": 1, "has_sorry": True}
    assert not chosen(UP, UP, FAILED, **rules).is_lost
    assert chosen(RETURNED, RETURNED, OUT, was_lost=True, **rules).is_in == [False, False, False]
    assert chosen(RETURNED, RETURNED, RETURNED, was_lost=True, **rules).is_in == [True, True, True]


def test_what_has_just_moved_stays_for_its_time() -> None:
    just_in, just_out = replace(FAILED, moved_at=990.0), replace(RETURNED, moved_at=990.0)
    found = chosen(just_in, just_out, damping_s=10.5)
    assert found.is_in == [True, False]
    assert [hold.cause if hold else None for hold in found.holds] == [Cause.DAMPING, Cause.DAMPING]
    assert found.next_at == 1000.5
    assert chosen(just_in, just_out, damping_s=10).is_in == [False, True]


def test_a_failed_server_that_cannot_leave_yet_does_not_keep_the_next_tier_out() -> None:
    kept, reserve = replace(FAILED, moved_at=990.0), replace(RETURNED, tier=1)
    assert chosen(kept, reserve, damping_s=60).is_in == [True, True]


def test_a_reserve_that_has_just_left_counts_for_the_quorum() -> None:
    reserve = replace(RETURNED, tier=1, moved_at=990.0)
    assert not chosen(UP, reserve, quorum=2, has_sorry=True, damping_s=60).is_lost


def test_the_sorry_server_does_not_leave_for_servers_that_cannot_come_in_yet() -> None:
    gone = replace(RETURNED, moved_at=990.0)
    assert chosen(gone, was_lost=True, has_sorry=True, damping_s=60).is_lost
    assert not chosen(gone, was_lost=True, has_sorry=True, damping_s=10).is_lost


def test_the_sorry_server_waits_for_one_that_has_just_come_in_so_as_to_be_alone() -> None:
    rules: dict[str, Any] = {"quorum": 2, "has_sorry": True, "damping_s": 60}
    servers = [replace(UP, moved_at=980.0), FAILED, RETURNED]
    found = chosen(*servers[:2], replace(OUT), **rules)
    assert (found.is_in, found.is_lost) == ([True, False, False], False)
    assert chosen(*servers[:2], now=1040.0, **rules).is_lost


@dataclass
class Story:
    """A service whose servers fail and return at random, time after time."""

    policy: Policy
    candidates: list[Candidate]
    was_lost: bool = False
    now: float = 0.0
    moves: dict[int, list[float]] = field(default_factory=dict)

    def tell(self, news: list[tuple[int, str]], after_s: float) -> Selection:
        self.now += after_s
        for number, word in news:
            chosen = self.candidates[number % len(self.candidates)]
            if word == "down" and not chosen.is_down:
                chosen.is_up, chosen.is_down, chosen.failed_at = False, True, self.now
            elif word == "up":
                chosen.is_up, chosen.is_down = True, False
            chosen.is_pending = False
        found = select(self.candidates, self.policy, self.was_lost, self.now)
        for number, (candidate, is_in) in enumerate(zip(self.candidates, found.is_in, strict=True)):
            if candidate.is_in != is_in:
                candidate.is_in, candidate.moved_at = is_in, self.now
                self.moves.setdefault(number, []).append(self.now)
        self.was_lost = found.is_lost
        return found


policies = st.builds(
    Policy,
    quorum=st.integers(1, 4),
    quorum_margin=st.integers(0, 2),
    max_out=st.sampled_from([0, 25, 50, 75, 100]),
    tier_need=st.integers(1, 3),
    damping_s=st.sampled_from([0.0, 5.0, 30.0]),
    has_sorry=st.booleans(),
)
servers = st.lists(
    st.builds(
        Candidate,
        is_ready=st.sampled_from([True, True, True, False]),
        is_pending=st.just(True),
        has_weight=st.sampled_from([True, True, True, False]),
        tier=st.integers(0, 2),
        is_in=st.booleans(),
    ).map(lambda drawn: replace(drawn, is_up=drawn.is_in, is_in=drawn.is_in and drawn.is_ready)),
    min_size=1,
    max_size=6,
)
news = st.lists(
    st.tuples(
        st.lists(st.tuples(st.integers(0, 5), st.sampled_from(["up", "down"])), max_size=3),
        st.sampled_from([0.0, 0.5, 3.0, 5.0, 40.0]),
    ),
    max_size=40,
)


@given(policies, servers, news)
@settings(max_examples=100)
def test_never_more_than_the_allowed_share_is_out_because_of_failed_checks(
    policy: Policy, servers: list[Candidate], news: list[tuple[list[tuple[int, str]], float]]
) -> None:
    story = Story(policy, [replace(server) for server in servers])
    for told, after_s in news:
        found = story.tell(told, after_s)
        if found.is_lost and policy.has_sorry:
            continue
        ready = sum(candidate.is_ready for candidate in story.candidates)
        out = 0
        for member in story.candidates:
            up_before = sum(
                other.is_ready
                and other.has_weight
                and other.is_up
                and (other.is_in or not _is_fixed(other, story))
                for other in story.candidates
                if other.tier < member.tier
            )
            is_wanted = up_before < policy.tier_need or not member.has_weight
            out += member.is_ready and member.is_down and not member.is_in and is_wanted
        assert out <= ready * policy.max_out // 100


def _is_fixed(candidate: Candidate, story: Story) -> bool:
    return candidate.moved_at is not None and story.now < candidate.moved_at + story.policy.damping_s


@given(policies, servers, news)
@settings(max_examples=100)
def test_no_server_moves_twice_within_the_time_of_flap_damping(
    policy: Policy, servers: list[Candidate], news: list[tuple[list[tuple[int, str]], float]]
) -> None:
    # The floor is above the damping, and may have to bring one back that has just gone.
    story = Story(replace(policy, max_out=100), [replace(server) for server in servers])
    for told, after_s in news:
        story.tell(told, after_s)
    for times in story.moves.values():
        gaps = [after - before for before, after in pairwise(times)]
        assert all(gap >= policy.damping_s for gap in gaps), times


@given(policies, servers, news)
@settings(max_examples=100)
def test_tiers_and_quorum_hold_at_every_moment(
    policy: Policy, servers: list[Candidate], news: list[tuple[list[tuple[int, str]], float]]
) -> None:
    policy = replace(policy, damping_s=0.0, max_out=100)
    story = Story(policy, [replace(server) for server in servers])
    for told, after_s in news:
        was_lost = story.was_lost
        found = story.tell(told, after_s)
        up = [
            candidate
            for candidate in story.candidates
            if candidate.is_ready and candidate.is_up and candidate.has_weight
        ]
        assert found.up == len(up)
        if found.is_lost != was_lost:
            bar = policy.quorum + (policy.quorum_margin if was_lost else 0)
            assert found.is_lost == (len(up) < bar)
        if found.is_lost and policy.has_sorry:
            assert not any(candidate.is_in and candidate.has_weight for candidate in story.candidates)
            continue
        for member in story.candidates:
            enough = sum(other.tier < member.tier for other in up) >= policy.tier_need
            if enough and member.has_weight:
                assert not member.is_in
            elif not any(other.is_pending for other in story.candidates):
                assert member.is_in == (member.is_ready and member.is_up)


@given(policies, servers, news)
@settings(max_examples=100)
def test_when_nothing_is_heard_nothing_moves_but_at_the_time_foretold(
    policy: Policy, servers: list[Candidate], news: list[tuple[list[tuple[int, str]], float]]
) -> None:
    story = Story(policy, [replace(server) for server in servers])
    for told, after_s in news:
        found = story.tell(told, after_s)
        moved = {number: list(times) for number, times in story.moves.items()}
        again = story.tell([], 0.0)
        assert (again.is_in, again.is_lost) == (found.is_in, found.is_lost)
        assert story.moves == moved
        if again.next_at is not None and again.next_at > story.now:
            before = (again.next_at - story.now) / 2
            assert story.tell([], before).is_in == found.is_in
