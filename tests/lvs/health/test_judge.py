"""The judgement of a whole configuration: what starts unknown, who goes, who stays, and when it doubts itself."""

from dataclasses import replace
from ipaddress import ip_address

from hypothesis import given
from hypothesis import strategies as st

from app.lvs.checks.check import Result
from app.lvs.desired.table import ServiceCache, desired
from app.lvs.health.transitions import DirectorIsolation, Transition
from app.lvs.model.values import Network, Protocol
from tests.lvs.judged import CLOCK_S, NOT_RUN, PASSED, REFUSED, SILENT, Director
from tests.lvs.samples import config, server, virtual


def test_at_a_cold_start_a_server_stays_out_until_its_first_success() -> None:
    director = Director(config())
    assert director.said == []
    events = director.hear(2, PASSED)
    assert director.said == ["12 1"]
    assert [(event.server, event.is_up) for event in events] == [("web2", True)]


def test_a_restart_takes_over_what_the_kernel_holds() -> None:
    before = Director(config())
    for number in (1, 2):
        before.hear(number, PASSED)
    after = Director(config(), before.table)
    assert after.table == before.table
    assert after.hear(1, PASSED) == []
    assert after.table == before.table


def test_a_restart_leaves_a_quiesced_server_at_weight_0() -> None:
    configuration = config(virtual(quiesce_server=True))
    before = Director(configuration)
    before.hear(1, PASSED)
    before.hear(2, PASSED)
    before.hear(2, REFUSED)
    assert before.said == ["11 1", "12 0", "13 0"]
    assert Director(configuration, before.table).said == before.said


def test_one_failure_takes_a_server_out_and_the_reason_is_told() -> None:
    director = Director(config())
    director.hear(1, PASSED)
    (event,) = director.hear(1, REFUSED)
    assert event == Transition("WEB", "web1", "192.0.2.11", 80, False, "TCP connect: refused")
    assert director.said == []


def test_several_allowed_failures_are_counted_in_the_reason() -> None:
    director = Director(config(virtual(fall=3)))
    director.hear(1, PASSED)
    assert director.hear(1, REFUSED) == []
    assert director.hear(1, REFUSED, 6.0) == []
    (event,) = director.hear(1, REFUSED, 6.0)
    assert event.reason == "3 checks in a row failed in 12.0 s: TCP connect: refused"


def test_a_server_comes_back_after_its_re_entry_time() -> None:
    director = Director(config(virtual(reentry=12)))
    director.hear(1, REFUSED)
    assert director.hear(1, PASSED, 6.0) == []
    assert director.hear(1, PASSED, 6.0) == []
    (event,) = director.hear(1, PASSED, 6.0)
    assert event.is_up
    assert event.reason == "3 checks in a row passed in 12.0 s"


def test_a_check_that_could_not_be_run_changes_nothing() -> None:
    director = Director(config())
    director.hear(1, PASSED)
    assert director.hear(1, NOT_RUN) == []
    assert director.said == ["11 1"]


def test_a_server_that_can_no_longer_be_checked_is_told_of_once_and_so_is_the_end_of_it() -> None:
    director = Director(config(virtual(reentry=0, timeout=6)))
    director.hear(1, PASSED)
    heard = [event for _ in range(6) for event in director.hear(1, NOT_RUN, 6.0)]
    assert [(event.kind, event.server, event.reason) for event in heard] == [
        ("unasked", "web1", "it can no longer be checked and stays in rotation: no descriptors left")
    ]
    assert director.said == ["11 1"]
    (event,) = director.hear(1, PASSED, 6.0)
    assert (event.kind, event.reason) == ("asked", "it is checked again: TCP connect: connected")
    assert director.hear(1, PASSED, 6.0) == []


def test_a_server_that_failed_and_can_no_longer_be_checked_stays_out() -> None:
    director = Director(config(virtual(timeout=6)))
    director.hear(1, REFUSED)
    heard = [event for _ in range(6) for event in director.hear(1, NOT_RUN, 6.0)]
    assert [event.reason for event in heard] == [
        "it can no longer be checked and stays out of rotation: no descriptors left"
    ]
    assert director.said == []


def test_a_check_that_is_now_and_then_not_run_is_not_worth_an_event() -> None:
    director = Director(config(virtual(reentry=0, timeout=6)))
    director.hear(1, PASSED)
    assert [
        event for _ in range(9) for result in (NOT_RUN, PASSED) for event in director.hear(1, result, 6.0)
    ] == []


def test_a_change_of_the_configuration_does_not_begin_the_wait_anew() -> None:
    before = config(virtual(reentry=0, timeout=6))
    director = Director(before)
    director.hear(1, PASSED)
    assert [director.hear(1, NOT_RUN, 6.0) for _ in range(3)] == [[], [], []]
    director.change(config(virtual(reentry=0, timeout=6, rise=2)))
    assert [event.kind for event in director.hear(1, NOT_RUN, 6.0)] == ["unasked"]
    director.change(before)
    assert director.hear(1, NOT_RUN, 6.0) == []


def test_a_service_that_cannot_be_checked_has_all_its_servers() -> None:
    director = Director(config(virtual(protocol=Protocol.UDP)))
    assert list(director.judge.checks) == []
    assert director.said == ["11 1", "12 1", "13 1"]


def test_one_check_serves_two_services_of_the_same_test() -> None:
    other = virtual(name="B", address=replace(virtual().address, address=ip_address("192.0.2.2")))  # type: ignore[type-var]
    director = Director(config(virtual(), other))
    assert len(list(director.judge.checks)) == 3
    events = director.hear(1, PASSED)
    assert [event.virtual for event in events] == ["WEB", "B"]


def test_a_sorry_server_is_in_while_no_server_is_up() -> None:
    director = Director(config(virtual(sorry_server=ip_address("192.0.2.99"))))
    director.hear(1, REFUSED)
    director.hear(2, REFUSED)
    assert director.said == [], "not before each server has been asked"
    director.hear(3, REFUSED)
    assert director.said == ["99 1"]
    assert director.judge.changes == 1
    director.hear(1, PASSED)
    director.hear(1, PASSED, 180.0)
    assert director.said == ["11 1"]


def test_a_sorry_server_comes_in_where_the_last_check_cannot_be_run() -> None:
    director = Director(config(virtual(sorry_server=ip_address("192.0.2.99"), server=(server(1),))))
    director.hear(1, NOT_RUN)
    assert director.said == ["99 1"]


def test_a_server_with_weight_0_drains_and_does_not_keep_the_sorry_server_out() -> None:
    director = Director(config(virtual(sorry_server=ip_address("192.0.2.99"), server=(server(1, weight=0),))))
    director.hear(1, PASSED)
    assert director.said == ["11 0", "99 1"]


def test_a_restart_keeps_the_sorry_server_until_a_server_has_answered() -> None:
    configuration = config(virtual(sorry_server=ip_address("192.0.2.99")))
    before = Director(configuration)
    for number in (1, 2, 3):
        before.hear(number, REFUSED)
    after = Director(configuration, before.table)
    assert after.said == ["99 1"]
    after.hear(2, PASSED)
    assert after.said == ["12 1"]


def test_the_director_itself_can_be_the_sorry_server() -> None:
    director = Director(config(virtual(sorry_server=ip_address("127.0.0.1"), server=(server(1),))))
    director.hear(1, REFUSED)
    assert next(iter(director.table.values())).destinations[0].forward.name == "LOCAL"


def test_a_change_of_the_file_keeps_what_is_known_and_a_new_server_starts_out() -> None:
    director = Director(config(virtual(server=(server(1), server(2)))))
    director.hear(1, PASSED)
    director.hear(2, REFUSED)
    table = director.table
    changed = config(virtual(reentry=5, server=(server(3), server(2, weight=7), server(1, name="renamed"))))
    director.config = changed
    director.judge.apply_config(changed, table, director.now, CLOCK_S)
    assert director.said == ["11 1"]
    director.hear(3, PASSED)
    assert director.said == ["11 1", "13 1"]


def test_a_new_service_of_a_check_that_runs_already_need_not_wait_for_it() -> None:
    director = Director(config(virtual()))
    director.hear(1, PASSED)
    director.hear(2, REFUSED)
    director.config = config(virtual(port=80, fwmark=7, persistent=60))
    events = director.judge.apply_config(director.config, {}, director.now + 1, CLOCK_S)
    assert [(event.server, event.is_up) for event in events if isinstance(event, Transition)] == [
        ("web1", True),
        ("web2", False),
    ]
    assert director.judge.pending == 1
    much_later = director.judge.apply_config(config(virtual()), {}, director.now + 1000, CLOCK_S)
    assert much_later == [], "a result of long ago says nothing"


def test_when_everything_falls_silent_at_once_the_last_set_is_kept() -> None:
    director = Director(config())
    for number in (1, 2, 3):
        director.hear(number, PASSED)
    director.hear(1, SILENT, 10.0)
    director.hear(2, SILENT)
    assert director.said == ["13 1"]
    events = director.hear(3, SILENT)
    assert director.said == ["11 1", "12 1", "13 1"]
    assert [event.is_on for event in events if isinstance(event, DirectorIsolation)] == [True]
    for number in (1, 2, 3):
        assert director.hear(number, SILENT, 10.0) == []
    assert director.said == ["11 1", "12 1", "13 1"]


def test_the_first_answer_ends_the_suspicion_and_the_others_are_judged_again() -> None:
    director = Director(config())
    for number in (1, 2, 3):
        director.hear(number, PASSED)
    for number in (1, 2, 3):
        director.hear(number, SILENT)
    (event,) = director.hear(2, PASSED)
    assert isinstance(event, DirectorIsolation)
    assert not event.is_on
    assert director.said == ["11 1", "12 1", "13 1"]
    director.hear(1, SILENT)
    assert director.said == ["12 1", "13 1"]


def test_a_refusal_is_an_answer_so_everything_may_go() -> None:
    director = Director(config())
    for number in (1, 2, 3):
        director.hear(number, PASSED)
    director.hear(1, SILENT)
    director.hear(2, REFUSED)
    director.hear(3, SILENT)
    assert director.said == []
    assert director.judge.isolation is None


def test_servers_that_die_one_after_another_are_no_sign() -> None:
    director = Director(config())
    for number in (1, 2, 3):
        director.hear(number, PASSED)
    for number in (1, 2, 3):
        director.hear(number, SILENT, 100.0)
    assert director.said == []


def test_one_machine_that_falls_silent_is_its_own_failure() -> None:
    director = Director(config(virtual(server=(server(1),)), virtual(name="B", port=81, server=(server(1),))))
    for result in (PASSED, SILENT):
        for check in list(director.judge.checks):
            director.judge.judge(check, result, director.now)
    assert director.said == []


def test_the_same_health_gives_the_same_service_object_and_another_does_not() -> None:
    director = Director(config(virtual(), virtual(name="B", port=81)))
    memory = ServiceCache()
    before = desired(director.config, memory, director.judge.health)
    same = desired(director.config, memory, director.judge.health)
    assert all(before[key] is same[key] for key in before)
    web = next(check for check in director.judge.checks if check.port == 80)
    director.judge.judge(web, PASSED, director.now)
    after = desired(director.config, memory, director.judge.health)
    assert [after[key] is before[key] for key in before] == [False, True]
    assert after == desired(director.config, None, director.judge.health)


@given(
    st.lists(st.tuples(st.integers(1, 3), st.sampled_from([PASSED, REFUSED, SILENT, NOT_RUN])), max_size=60),
    st.booleans(),
    st.sampled_from(list(Network)),
)
def test_the_table_changes_only_with_an_event_and_events_only_with_the_table(
    results: list[tuple[int, Result]], quiesce: bool, network: Network
) -> None:
    block = virtual(quiesce_server=quiesce, reentry=3, sorry_server=ip_address("192.0.2.99"))
    director = Director(config(block, network=network))
    for number, result in results:
        table, changes = director.table, director.judge.changes
        was_in = [monitored.state.is_in for monitored in director.judge.servers()]
        director.hear(number, result)
        assert (director.table == table) or director.judge.changes > changes
        is_in = [monitored.state.is_in for monitored in director.judge.servers()]
        assert director.judge.health[0] is not None
        out = 0 if quiesce else None
        assert director.judge.health[0].servers == tuple(1 if flag else out for flag in is_in)
        assert director.judge.health[0].sorry <= (not any(is_in))
        if result is NOT_RUN:
            assert was_in == is_in


def test_a_server_that_is_deactivated_or_has_no_address_is_not_checked() -> None:
    servers = (server(1), server(2, active=False), server(3, address=None))
    made = Director(config(virtual(server=servers)))
    assert [str(check.address) for check in made.judge.checks] == ["192.0.2.11"]
