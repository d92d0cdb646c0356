"""What a message says, to people and to programs."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from app.lvs.notify.batching import TOLD, Batch, EventBatch
from app.lvs.notify.message import DOCUMENT_MAX, LINES_MAX, SUBJECT_MAX, Message, compose, trial_message
from app.lvs.reports.status import EventReport
from tests.lvs.events import director_event, event, service_event


def clock(at: float) -> str:
    return f"12:00:{at:02.0f}"


def message(*events: EventReport, undelivered: int = 0) -> Message:
    gathering = EventBatch(60)
    for happening in events:
        gathering.take(happening, happening["at"])
    return compose("lb1", 60, gathering.collect(60), clock, undelivered)


def test_one_server_that_went_is_the_subject_and_its_reason_the_text() -> None:
    said = message(event("down", at=3, reason="connect to 10.0.0.1:80: refused"))
    assert said.subject == "lb1: 1 server out: web1 of web"
    assert said.text == (
        "Palometa on lb1, 12:00:60\n\n"
        "1 server out: web1 of web\n"
        "  12:00:03 web1 (web1:80) of web: connect to 10.0.0.1:80: refused\n"
    )


def test_many_are_counted_and_some_named_by_service() -> None:
    events = [event("down", f"web{number}") for number in range(1, 13)]
    said = message(*events, event("down", "mail1", virtual="mail"))
    assert said.subject == "lb1: 13 servers out: web1, web2, web3 … of web, mail1 of mail"
    assert "web12 (web12:80) of web: refused" in said.text


def test_what_is_wrong_comes_first_and_what_returned_after_it() -> None:
    said = message(event("up", "web1"), event("down", "web2"), service_event("quorum-lost"))
    assert said.subject == (
        "lb1: 1 service below quorum: web; 1 server out: web2 of web; 1 server in: web1 of web"
    )


def test_a_server_that_went_and_came_back_is_said_so() -> None:
    said = message(event("down", at=1), event("up", at=9, reason="3 checks passed"))
    assert said.subject == "lb1: 1 server out for a while, back in rotation: web1 of web"
    assert "12:00:09 web1 (web1:80) of web: 3 checks passed (went out at 12:00:01)" in said.text


def test_a_server_that_flaps_is_said_so() -> None:
    said = message(event("down", at=1), event("up", at=2), event("down", at=3))
    assert said.subject == "lb1: 1 server out: web1 of web"
    assert "(3 changes, the first at 12:00:01)" in said.text


def test_a_suspicion_says_what_the_director_suspects() -> None:
    said = message(director_event("suspicion", reason="all 3 servers fell silent at once"))
    assert said.subject == "lb1: the director appears to be isolated"
    assert "all 3 servers fell silent at once" in said.text
    assert message(director_event("suspicion"), director_event("trust", 5)).subject == (
        "lb1: the director was isolated for a while"
    )


def test_an_address_is_said_in_its_own_words() -> None:
    said = message(service_event("address", reason="10.0.0.9 is had by another machine"))
    assert said.subject == "lb1: web: 10.0.0.9 is had by another machine"


def test_a_message_that_was_given_up_is_mentioned_in_the_next() -> None:
    assert "2 earlier messages could not be delivered." in message(event("down"), undelivered=2).text
    assert "Not delivered" not in message(event("down")).text


def test_a_thousand_servers_make_a_message_of_bounded_length() -> None:
    said = message(*(event("down", f"web{number}") for number in range(DOCUMENT_MAX + 200)))
    assert len(said.text.splitlines()) == LINES_MAX + 4
    assert f"… and {DOCUMENT_MAX + 200 - LINES_MAX} more" in said.text
    document = said.document()
    assert (len(document["changes"]), document["more"]) == (DOCUMENT_MAX, 200)


def test_events_beyond_all_bounds_are_said_to_be_there() -> None:
    said = compose("lb1", 60, Batch((), 5), clock)
    assert "5 more events are not listed" in said.text
    assert said.document()["more"] == 5


def test_the_document_has_all_that_a_program_wants() -> None:
    document = message(event("down", at=1), event("up", at=9, reason="well")).document()
    assert json.loads(json.dumps(document)) == document
    assert {name: document[name] for name in ("director", "at", "subject", "more")} == {
        "director": "lb1",
        "at": 60,
        "subject": "lb1: 1 server out for a while, back in rotation: web1 of web",
        "more": 0,
    }
    assert document["changes"] == [
        {
            "kind": "up",
            "at": 9,
            "reason": "well",
            "virtual": "web",
            "server": "web1",
            "target": "web1:80",
            "began_with": "down",
            "began_at": 1,
            "times": 2,
        }
    ]


def test_a_trial_says_that_it_is_one() -> None:
    said = trial_message("lb1", 0, clock)
    assert said.subject == "lb1: test message"
    assert said.document()["changes"] == []


_names: Any = st.text(max_size=20) | st.sampled_from(["a\r\nBcc: x", "\x1b[2J", "\u202eabc", "\ud800", "…" * 300])


@given(st.lists(st.tuples(st.sampled_from(sorted(TOLD)), _names, _names, _names), min_size=1, max_size=20))
def test_no_name_adds_a_line_or_a_control_character(told: list[tuple[Any, str, str, str]]) -> None:
    events = [event(kind, server, virtual=virtual, reason=reason) for kind, server, virtual, reason in told]
    said = message(*events)
    assert len(said.subject) <= SUBJECT_MAX
    assert said.subject.isprintable()
    assert said.text.replace("\n", "").isprintable()
    heads = sum(not line.startswith("  ") for line in said.text.split("\n"))
    # A headline, a summary of each sort, and blank lines between: no name makes one.
    assert heads <= 3 + 2 * len(TOLD)


def test_a_server_that_is_no_longer_checked_is_said_so_and_when_it_is_again() -> None:
    lost = event("unasked", at=1, reason="it can no longer be checked and stays in rotation: no such program")
    assert message(lost).subject == "lb1: 1 server no longer checked: web1 of web"
    both = message(lost, event("asked", at=9, reason="it is checked again: exited with status 0"))
    assert both.subject == "lb1: 1 server checked again: web1 of web"
    assert "(no longer checked at 12:00:01)" in both.text
    assert message(event("down"), lost).subject == (
        "lb1: 1 server out: web1 of web; 1 server no longer checked: web1 of web"
    )


def test_what_the_kernel_refuses_is_said_of_a_server_and_of_a_service_and_when_it_has_it() -> None:
    server = event("missing", at=1, reason="it gets no clients: the kernel is out of memory")
    service = event("missing", "", at=1, virtual="mail", reason="it gets no clients: the kernel has no scheduler")
    assert message(server, service).subject == (
        "lb1: 1 service not in the kernel: mail; 1 server not in the kernel: web1 of web"
    )
    both = message(server, event("entered", at=9, reason="the kernel has it now"))
    assert both.subject == "lb1: 1 server in the kernel again: web1 of web"
    assert "(not in the kernel at 12:00:01)" in both.text
    there = event("entered", "", at=9, virtual="mail", reason="the kernel has it now")
    assert message(service, there).subject == "lb1: 1 service in the kernel again: mail"
