"""A server with more than one check."""

from app.lvs.model.check_kinds import CheckKind, LoadKind
from tests.lvs.judged import PASSED, REFUSED, SILENT, director, kinds, says
from tests.lvs.samples import config, virtual


def test_a_server_is_up_when_all_its_checks_are_and_the_reason_says_which_failed() -> None:
    made = director(check=CheckKind.TCP, also_check="ping", fall=2)
    assert made.judge.pending == 6
    assert made.hear(1, PASSED, kind=CheckKind.TCP) == []
    assert made.said == []
    assert kinds(made.hear(1, PASSED, kind=CheckKind.PING)) == ["up web1"]
    made.hear(1, REFUSED, kind=CheckKind.TCP)
    (event,) = made.hear(1, REFUSED, 6.0, kind=CheckKind.TCP)
    assert event.reason == (
        "tcp check of port 80: 2 checks in a row failed in 6.0 s: TCP connect: refused; "
        "of 2 checks 1 are up, 2 are needed"
    )
    assert made.said == []


def test_of_several_checks_one_may_be_enough() -> None:
    made = director(check=CheckKind.TCP, also_check="ping", check_need="any")
    made.hear(1, PASSED, kind=CheckKind.TCP)
    assert made.said == ["11 1"]
    assert made.hear(1, SILENT, kind=CheckKind.PING) == []
    assert kinds(made.hear(1, REFUSED, kind=CheckKind.TCP)) == ["down web1"]


def test_another_check_in_the_file_moves_nobody_until_it_has_run() -> None:
    made = director(1, check=CheckKind.TCP)
    made.hear(2, REFUSED)
    made.change(config(virtual(reentry=0, check=CheckKind.TCP, also_check="ping")))
    assert made.said == ["11 1"]
    assert made.hear(1, PASSED, kind=CheckKind.PING) == []
    assert kinds(made.hear(2, PASSED, kind=CheckKind.PING)) == []
    assert made.said == ["11 1"]
    assert kinds(made.hear(1, SILENT, kind=CheckKind.PING)) == ["down web1"]


def test_checks_in_another_order_are_the_same_checks() -> None:
    made = director(check=CheckKind.TCP, also_check="ping")
    made.hear(1, PASSED, kind=CheckKind.TCP)
    made.hear(1, PASSED, kind=CheckKind.PING)
    assert made.judge.pending == 4
    made.wait(1000.0)
    made.change(config(virtual(reentry=0, check=CheckKind.PING, also_check="tcp")))
    assert (made.judge.pending, made.said) == (4, ["11 1"])
    assert next(made.judge.servers()).state.standing == "up"


def test_a_check_that_was_edited_goes_on_where_it_stood() -> None:
    made = director(1, check=CheckKind.TCP)
    made.hear(2, REFUSED)
    made.change(config(virtual(reentry=0, check=CheckKind.TCP, check_port=8080)))
    assert [server.state.standing for server in made.judge.servers()] == ["up", "down", "unknown"]


def test_a_check_that_made_a_server_fail_leaves_with_its_blame() -> None:
    made = director(check=CheckKind.TCP, also_check="ping")
    made.hear(1, PASSED, kind=CheckKind.TCP)
    made.hear(1, SILENT, kind=CheckKind.PING)
    assert made.said == []
    made.change(config(virtual(reentry=0, check=CheckKind.TCP)))
    assert made.said == ["11 1"]


def test_all_silent_at_once_is_suspected_whatever_the_number_of_checks() -> None:
    made = director(check=CheckKind.TCP, also_check="ping")
    for number in (1, 2, 3):
        made.hear(number, PASSED, kind=CheckKind.TCP)
        made.hear(number, PASSED, kind=CheckKind.PING)
    events = [
        event
        for number in (1, 2, 3)
        for kind in (CheckKind.TCP, CheckKind.PING)
        for event in made.hear(number, SILENT, 0.5, kind)
    ]
    assert "suspicion" in kinds(events)
    assert made.said == ["11 1", "12 1", "13 1"]


def test_a_load_agent_that_still_answers_shows_that_the_directors_network_works() -> None:
    made = director(1, 2, 3, load_monitor="agent", load_port=3333)
    made.hear(2, says("up"), kind=LoadKind.AGENT)
    events = [event for number in (1, 2, 3) for event in made.hear(number, SILENT)]
    assert (kinds(events), made.said) == (["down web1", "down web2", "down web3"], [])
    assert "suspicion" in kinds(made.hear(2, SILENT, kind=LoadKind.AGENT))
    assert made.said == ["11 1", "12 1", "13 1"]
