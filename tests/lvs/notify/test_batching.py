"""Who is told of an event when: at once, together, and never too often; and nothing is lost."""

from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from typing import cast, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.lvs.notify import batching as gathering_module
from app.lvs.notify.batching import TOGETHER_S, TOLD, Batch, BatchedChange, EventBatch
from app.lvs.reports.status import EventKind, EventReport
from tests.lvs.events import director_event, event, service_event

GAP_S = 60.0
KINDS = cast("tuple[EventKind, ...]", get_args(EventKind))


@dataclass
class Story:
    """Lets time pass for one gathering, and sends each message the moment it is due."""

    gathering: EventBatch = field(default_factory=lambda: EventBatch(GAP_S))
    now: float = 1000.0
    told: list[tuple[float, Batch]] = field(default_factory=list)

    def wait(self, seconds: float) -> "Story":
        end = self.now + seconds
        while (due := self.gathering.due) is not None and due <= end:
            self.now = max(self.now, due)
            self.told.append((self.now, self.gathering.collect(self.now)))
        self.now = end
        return self

    def happen(self, report: EventReport) -> "Story":
        self.gathering.take({**report, "at": self.now}, self.now)
        return self

    def changes(self, message: int) -> list[tuple[str, EventKind, int]]:
        return [(change.server, change.kind, change.times) for change in self.told[message][1].changes]

    def times(self) -> list[float]:
        return [at - 1000 for at, _ in self.told]


def test_the_first_event_is_told_within_a_second() -> None:
    story = Story().happen(event("down")).wait(10)
    assert story.times() == [TOGETHER_S]
    assert story.changes(0) == [("web1", "down", 1)]


def test_many_that_fail_together_are_one_message() -> None:
    story = Story()
    for number in range(12):
        story.happen(event("down", f"web{number}")).wait(0.05)
    story.wait(10)
    assert len(story.told) == 1
    assert len(story.changes(0)) == 12


def test_events_that_keep_coming_do_not_put_the_message_off() -> None:
    story = Story()
    for number in range(40):
        story.happen(event("down", f"web{number}")).wait(0.25)
    assert story.times() == [TOGETHER_S]


def test_what_happens_within_the_gap_is_told_together_at_its_end() -> None:
    story = Story().happen(event("down")).wait(20)
    story.happen(event("down", "web2")).wait(10).happen(event("up", "web3")).wait(100)
    assert story.times() == [TOGETHER_S, TOGETHER_S + GAP_S]
    assert story.changes(1) == [("web2", "down", 1), ("web3", "up", 1)]


def test_after_a_quiet_time_an_event_is_again_told_within_a_second() -> None:
    story = Story().happen(event("down")).wait(500).happen(event("up")).wait(10)
    assert story.times() == [TOGETHER_S, 500 + TOGETHER_S]


def test_a_server_that_went_and_came_back_within_the_gap_is_one_change_that_says_so() -> None:
    story = Story().happen(event("down", "web9")).wait(10)
    story.happen(event("down")).wait(5).happen(event("up", reason="passed")).wait(100)
    (change,) = story.told[1][1].changes
    assert (change.began_with, change.began_at, change.kind, change.at, change.times, change.reason) == (
        "down",
        1010.0,
        "up",
        1015.0,
        2,
        "passed",
    )


def test_servers_of_one_name_in_two_services_are_two() -> None:
    story = Story().happen(event("down")).happen(event("up", virtual="mail")).wait(2)
    assert story.changes(0) == [("web1", "down", 1), ("web1", "up", 1)]


def test_a_lost_quorum_and_a_suspicion_are_pairs_of_their_own() -> None:
    story = Story().happen(service_event("quorum-lost")).happen(event("down")).happen(director_event("suspicion"))
    story.happen(service_event("quorum")).happen(director_event("trust")).wait(2)
    assert story.changes(0) == [("", "quorum", 2), ("web1", "down", 1), ("", "trust", 2)]


def test_of_an_address_only_equal_events_are_one() -> None:
    story = (
        Story().happen(service_event("address", reason="taken")).happen(service_event("address", reason="free"))
    )
    story.happen(service_event("address", reason="free")).wait(2)
    assert [(change.reason, change.times) for change in story.told[0][1].changes] == [("taken", 1), ("free", 2)]


@pytest.mark.parametrize("kind", sorted(set(KINDS) - TOLD))
def test_what_changes_nothing_for_clients_is_not_told(kind: EventKind) -> None:
    story = Story()
    assert not story.gathering.take(event(kind), story.now)
    assert story.wait(1000).told == []


def test_beyond_a_bound_events_are_only_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering_module, "SUBJECTS_MAX", 2)
    story = Story()
    for number in (1, 2, 3, 4, 1):
        story.happen(event("down", f"web{number}"))
    story.wait(2)
    assert story.changes(0) == [("web1", "down", 2), ("web2", "down", 1)]
    assert story.told[0][1].more == 2


def test_texts_are_made_plain() -> None:
    story = Story().happen(event("down", "web\r\nBcc: all", reason="\x1b[31mred\u202e\u2028")).wait(2)
    (change,) = story.told[0][1].changes
    assert (change.server, change.reason) == ("web  Bcc: all", " [31mred  ")


_servers = st.sampled_from(["web1", "web2", "web3"])
_steps = st.lists(
    st.tuples(st.sampled_from([0.0, 0.3, 1.0, 7.0, 59.9, 60.0, 200.0]), _servers, st.sampled_from(KINDS)),
    max_size=60,
)


def key_of(change: BatchedChange | EventReport) -> tuple[str, bool]:
    told = change if isinstance(change, dict) else {"server": change.server, "kind": change.kind}
    return str(told["server"]), told["kind"] in ("quorum", "quorum-lost")


@given(_steps, st.sampled_from([1.0, 10.0, 60.0]))
def test_every_event_is_told_once_in_time_and_the_last_word_on_each_server_stands(
    steps: list[tuple[float, str, EventKind]], gap_s: float
) -> None:
    story = Story(EventBatch(gap_s))
    happened: list[tuple[float, EventReport]] = []
    for wait_s, server, kind in steps:
        story.wait(wait_s)
        told = event(kind, server, reason=f"{kind} {server}")
        story.happen(told)
        if kind in TOLD:
            happened.append((story.now, told))
    story.wait(1000)

    messages = [(at, gathered.changes) for at, gathered in story.told]
    assert all(changes for _, changes in messages)
    assert sum(change.times for _, changes in messages for change in changes) == len(happened)
    sent = [at for at, _ in messages]
    assert all(later - earlier >= gap_s - 1e-6 for earlier, later in pairwise(sent))
    for at, said in happened:
        found_at, _ = next(
            (when, change)
            for when, changes in messages
            for change in changes
            if when >= at and key_of(change) == key_of(said) and change.began_at <= at <= change.at
        )
        assert found_at - at <= max(gap_s, TOGETHER_S) + TOGETHER_S + 1e-6
    for server in {str(said["server"]) for _, said in happened}:
        ups = [said["kind"] for _, said in happened if said["server"] == server and said["kind"] in ("up", "down")]
        told_kinds = [
            change.kind
            for _, changes in messages
            for change in changes
            if change.server == server and change.kind in ("up", "down")
        ]
        assert told_kinds[-1:] == ups[-1:]
    counted = Counter(change.server for _, changes in messages for change in changes for _ in range(change.times))
    assert counted == Counter(str(said["server"]) for _, said in happened)
