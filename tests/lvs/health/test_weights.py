"""The weights the kernel ought to hold: slow starts, slow servers, load agents."""

from app.lvs.model.check_kinds import LoadKind
from tests.lvs.judged import (
    AGENT,
    NOT_RUN,
    PASSED,
    REFUSED,
    SILENT,
    SORRY,
    Director,
    answer,
    director,
    kinds,
    says,
    weights,
)
from tests.lvs.samples import config, server, virtual


def test_a_server_that_comes_in_gets_its_weight_in_ten_steps() -> None:
    made = director(slow_start=100, **weights(2, 20))
    made.hear(1, PASSED)
    seen = [made.said]
    for _ in range(10):
        assert made.wait(10.0) == []
        seen.append(made.said)
    assert seen == [[f"11 {share}"] for share in (2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 20)]
    changes = made.judge.changes
    made.wait(1000.0)
    assert made.judge.changes == changes


def test_a_small_weight_has_coarser_steps_and_weight_1_none() -> None:
    made = director(slow_start=10, server=(server(1, weight=3), server(2, weight=1)))
    seen = []
    for number in (1, 2):
        made.hear(number, PASSED, 0.0)
    for _ in range(10):
        seen.append(made.said)
        made.wait(1.0)
    assert [said[0] for said in seen] == ["11 1"] * 3 + ["11 2"] * 3 + ["11 3"] * 4
    assert {said[1] for said in seen} == {"12 1"}


def test_servers_the_kernel_had_when_pulse_came_do_not_start_slowly() -> None:
    before = director(1, **weights(2))
    made = Director(config(virtual(slow_start=100, **weights(2))), before.table)
    made.hear(1, PASSED)
    made.hear(2, PASSED)
    assert made.said == ["11 10", "12 1"]


def test_a_change_of_the_file_does_not_begin_a_slow_start_anew() -> None:
    made = director(1, slow_start=100, **weights(1, 20))
    made.wait(50.0)
    made.change(config(virtual(slow_start=100, **weights(1, 40))))
    assert made.said == ["11 24"]
    made.wait(40.0)
    assert made.said == ["11 40"]


def test_a_slow_server_is_degraded_until_it_is_well_below_the_threshold() -> None:
    made = director(1, degraded_ms=500, degraded_weight=50, **weights(1))
    (event,) = made.hear(1, answer(3.0))
    assert (event.kind, made.said) == ("degraded", ["11 5"])
    assert event.reason.startswith("its checks take 750 ms on average, above the limit of 500 ms")
    assert event.reason.endswith("; its weight is reduced to 50 %")
    assert made.hear(1, answer(0.1)) == []
    events = made.hear(1, answer(0.0)) + made.hear(1, answer(0.0))
    assert (kinds(events), made.said) == (["normal web1"], ["11 10"])


def test_degraded_servers_keep_their_weight_where_they_are_only_to_be_shown() -> None:
    made = director(1, degraded_ms=1, **weights(1))
    assert kinds(made.hear(1, answer(9.0))) == ["degraded web1"]
    assert made.said == ["11 10"]


def test_a_server_that_failed_is_timed_anew() -> None:
    made = director(1, degraded_ms=500, **weights(1))
    made.hear(1, answer(9.0))
    assert kinds(made.hear(1, REFUSED)) == ["down web1"]
    assert kinds(made.hear(1, answer(0.1))) == ["up web1"]
    assert not next(made.judge.servers()).is_slow


def test_a_load_agent_sets_the_weight_and_takes_a_server_out() -> None:
    made = director(1, **AGENT, load_step=40, load_floor=20, **weights(1))
    seen = []
    for words in ("50%", "0%", "0%", "drain", "ready 50%", "down", "75%", "up", "maint", "up", "hello"):
        events = made.hear(1, says(words), kind=LoadKind.AGENT)
        seen.append((words, made.said, kinds(events)))
    assert seen == [
        ("50%", ["11 6"], []),
        ("0%", ["11 2"], []),
        ("0%", ["11 2"], []),
        ("drain", ["11 0"], []),
        ("ready 50%", ["11 5"], []),
        ("down", [], ["down web1"]),
        ("75%", [], []),
        ("up", ["11 8"], ["up web1"]),
        ("maint", [], ["down web1"]),
        ("up", ["11 8"], ["up web1"]),
        ("hello", ["11 8"], []),
    ]


def test_an_agent_that_does_not_answer_changes_nothing() -> None:
    made = director(1, **AGENT, **weights(1))
    made.hear(1, says("30%"), kind=LoadKind.AGENT)
    for result in (REFUSED, SILENT, NOT_RUN):
        assert made.hear(1, result, kind=LoadKind.AGENT) == []
    assert made.said == ["11 3"]


def test_a_server_whose_agent_says_down_is_down_though_its_checks_pass() -> None:
    made = director(**AGENT, sorry_server=SORRY, **weights(1))
    made.hear(1, says("down"), kind=LoadKind.AGENT)
    assert made.hear(1, PASSED) == []
    assert made.said == ["99 1"]
    assert kinds(made.hear(1, says("up"), kind=LoadKind.AGENT)) == ["up web1"]


def test_a_drain_by_the_agent_leaves_the_clients_to_the_others_and_to_the_sorry_server() -> None:
    made = director(1, **AGENT, sorry_server=SORRY, **weights(1))
    made.hear(1, says("drain"), kind=LoadKind.AGENT)
    assert made.said == ["11 0", "99 1"]
