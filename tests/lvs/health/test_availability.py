"""Who is in, from results to the table: administrators, flap damping, the floor, tiers and the quorum."""

from app.lvs.model.values import AdminState
from tests.lvs.judged import PASSED, REFUSED, SILENT, SORRY, UNTIL, Director, director, kinds
from tests.lvs.samples import config, server, virtual


def test_a_drained_server_has_weight_0_and_one_in_maintenance_is_out_whatever_their_checks_say() -> None:
    made = director(
        server=(
            server(1, admin_state=AdminState.DRAIN),
            server(2, admin_state=AdminState.MAINTENANCE),
            server(3),
        )
    )
    assert made.said == ["11 0"]
    events = [event for number in (1, 2, 3) for event in made.hear(number, PASSED)]
    assert kinds(events) == ["up web3"]
    assert made.said == ["11 0", "13 1"]
    assert [monitored.state.standing for monitored in made.judge.servers()] == ["up", "up", "up"]
    assert [event for number in (1, 2) for event in made.hear(number, REFUSED)] == []
    assert made.said == ["11 0", "13 1"]


def test_a_drain_ends_by_the_clock_and_the_server_is_where_its_checks_want_it() -> None:
    drained = {"admin_state": AdminState.DRAIN, "admin_until": UNTIL, "admin_reason": "new kernel"}
    made = director(1, 2, server=(server(1, **drained), server(2, **drained), server(3)))
    made.hear(2, REFUSED)
    assert made.said == ["11 0", "12 0"]
    assert made.wait(50.0) == []
    events = made.wait(10.0)
    assert kinds(events) == ["admin web1", "admin web2"]
    assert {event.reason for event in events} == {"drain has ended: its checks decide again"}
    assert made.said == ["11 1"]
    assert made.wait(1.0) == []


def test_an_administrative_state_is_reported_with_its_reason() -> None:
    made = director(1)
    away = server(1, admin_state=AdminState.MAINTENANCE, admin_until="2027-01-31T22:00Z", admin_reason="disk swap")
    (event,) = made.change(config(virtual(reentry=0, server=(away,))))
    assert event.reason == "maintenance until 2027-01-31T22:00Z: disk swap"
    assert made.said == []
    (event,) = made.change(config(virtual(reentry=0, server=(server(1),))))
    assert event.reason == "maintenance has ended: its checks decide again"
    assert made.said == ["11 1"]


def test_servers_in_maintenance_are_not_up_for_quorum_and_tiers_and_take_no_part_in_the_suspicion() -> None:
    away = server(1, admin_state=AdminState.MAINTENANCE)
    made = director(1, 2, sorry_server=SORRY, server=(away, server(2, tier=1)))
    assert made.said == ["12 1"]
    assert kinds(made.hear(2, REFUSED)) == ["down web2"]
    assert made.said == ["99 1"]

    made = director(1, 2, server=(away, server(2)))
    made.hear(1, SILENT)
    assert kinds(made.hear(2, SILENT)) == ["down web2"], "one machine that had clients is no sign"


def test_a_server_that_came_in_is_kept_in_until_its_time_is_over() -> None:
    made = director(1, 2, damping=60)
    (event,) = made.hear(1, REFUSED, 10.0)
    assert (event.kind, event.server) == ("held", "web1")
    assert event.reason == "TCP connect: refused; flap damping keeps it in: it was brought in less than 60 s ago"
    assert made.said == ["11 1", "12 1"]
    assert made.wait(48.0) == []
    (event,) = made.wait(1.0)
    assert (kinds([event]), made.said) == (["down web1"], ["12 1"])
    assert event.reason == "flap damping has ended: TCP connect: refused"
    (event,) = made.hear(1, PASSED)
    assert (event.kind, made.said) == ("held", ["12 1"])
    assert kinds(made.wait(59.0)) == ["up web1"]


def test_a_server_that_was_in_for_long_leaves_at_once_in_spite_of_damping() -> None:
    made = director(1, damping=60)
    made.wait(61.0)
    assert kinds(made.hear(1, REFUSED)) == ["down web1"]


def test_a_slow_result_counts_from_when_it_came_not_from_when_it_was_due() -> None:
    made = director(1, damping=60)
    made.wait(100.0)
    due = made.now
    made.judge.judge(made.check(1), REFUSED, due, due + 9.0)
    made.judge.judge(made.check(1), PASSED, due + 60.0, due + 60.0)
    assert made.said == []
    made.wait(69.0)
    assert made.said == ["11 1"]


def test_an_edit_of_something_else_leaves_the_damping_alone_and_one_of_its_rules_ends_it() -> None:
    made = director(1, damping=60)
    made.hear(1, REFUSED)
    made.change(config(virtual(reentry=0, damping=60, persistent=300)))
    assert made.said == ["11 1"]
    made.change(config(virtual(reentry=0, damping=50, persistent=300)))
    assert made.said == []


def test_the_end_of_a_drain_is_not_put_off_by_damping() -> None:
    made = director(1, damping=300)
    made.wait(30.0)
    made.hear(1, REFUSED)
    drained = server(1, admin_state=AdminState.DRAIN, admin_until=UNTIL)
    made.change(config(virtual(reentry=0, damping=300, server=(drained,))))
    made.hear(1, PASSED)
    made.wait(60.0)
    assert made.said == ["11 1"]


def test_the_suspicion_is_above_the_damping() -> None:
    made = director(1, 2, 3, damping=60)
    made.wait(100.0)
    events = [event for number in (1, 2, 3) for event in made.hear(number, SILENT)]
    assert kinds(events) == ["down web1", "down web2", "down web3", "suspicion", "up web1", "up web2", "up web3"]
    assert made.said == ["11 1", "12 1", "13 1"]


def test_the_last_ones_to_fail_are_kept_and_told() -> None:
    made = director(1, 2, 3, max_out=34)
    assert kinds(made.hear(2, REFUSED)) == ["down web2"]
    (event,) = made.hear(3, REFUSED)
    assert event.reason == (
        "TCP connect: refused; no more than 1 of 3 servers may be out because of failed checks"
    )
    assert made.said == ["11 1", "13 1"]
    assert kinds(made.hear(2, PASSED)) == ["up web2", "down web3"]
    assert made.said == ["11 1", "12 1"]


def test_at_a_cold_start_the_floor_waits_for_results() -> None:
    made = director(max_out=0)
    assert made.said == []
    assert kinds(made.hear(1, REFUSED)) == ["held web1"]
    assert made.said == ["11 1"]


def test_a_reserve_is_on_standby_comes_in_and_leaves_again() -> None:
    made = director(server=(server(1), server(2), server(3, tier=1)), tier_need=2)
    made.hear(1, PASSED)
    made.hear(3, PASSED)
    assert made.said == ["11 1"], "not before those before it have been asked"
    assert kinds(made.hear(2, PASSED)) == ["up web2"]
    assert made.said == ["11 1", "12 1"]
    events = made.hear(1, REFUSED)
    assert kinds(events) == ["down web1", "up web3"]
    assert events[1].reason == "too few servers of the preceding tiers are up"
    assert made.said == ["12 1", "13 1"]
    events = made.hear(1, PASSED)
    assert kinds(events) == ["up web1", "held web3"]
    assert events[1].reason == "it is on standby: 2 servers of the preceding tiers are up, 2 are enough"


def test_a_restart_leaves_the_reserve_where_it_is() -> None:
    rules = {"server": (server(1), server(2, tier=1)), "reentry": 0}
    for first in (PASSED, REFUSED):
        before = director(2, **rules)
        before.hear(1, first)
        after = Director(before.config, before.table)
        after.hear(2, PASSED)
        assert after.said == before.said


def test_below_the_quorum_the_sorry_server_answers_alone() -> None:
    made = director(1, 2, 3, sorry_server=SORRY, quorum=2, quorum_margin=1)
    assert kinds(made.hear(1, REFUSED)) == ["down web1"]
    events = made.hear(2, REFUSED)
    assert kinds(events) == ["down web2", "quorum-lost"]
    assert events[1].reason == "the quorum is lost: servers up 1, needed 2; only the sorry server answers"
    assert made.said == ["99 1"]
    (event,) = made.hear(1, PASSED)
    assert event.reason == (
        "1 checks in a row passed in 0.0 s; the quorum is lost: 2 servers are up, 3 are needed"
    )
    assert made.said == ["99 1"]
    assert kinds(made.hear(2, PASSED)) == ["up web2", "quorum"]
    assert made.said == ["11 1", "12 1", "13 1"]


def test_below_the_quorum_a_quiescing_service_keeps_its_servers_at_weight_0() -> None:
    made = director(1, 2, 3, sorry_server=SORRY, quorum=3, quiesce_server=True)
    made.hear(1, REFUSED)
    assert made.said == ["11 0", "12 0", "13 0", "99 1"]


def test_without_a_sorry_server_the_remaining_servers_continue() -> None:
    made = director(1, 2, 3, quorum=3)
    events = made.hear(1, REFUSED)
    assert kinds(events) == ["down web1", "quorum-lost"]
    assert events[1].reason.endswith("the remaining servers continue")
    assert made.said == ["12 1", "13 1"]
    assert kinds(made.hear(1, PASSED)) == ["up web1", "quorum"]


def test_a_cold_start_is_no_lost_quorum_and_a_restart_in_one_stays_there() -> None:
    rules = {"sorry_server": SORRY, "quorum": 2, "quorum_margin": 1}
    made = director(1, 2, **rules)
    assert made.said == ["11 1", "12 1"]
    made.hear(3, REFUSED)
    made.hear(2, REFUSED)
    assert made.said == ["99 1"]
    after = Director(made.config, made.table)
    assert after.said == ["99 1"]
    after.hear(1, PASSED)
    assert kinds(after.hear(2, PASSED)) == ["held web2"]
    assert kinds(after.hear(3, PASSED)) == ["up web3", "quorum"]


def test_a_quorum_of_two_that_is_lost_is_told() -> None:
    made = director(1, 2, 3, quorum=2)
    assert kinds(made.hear(1, REFUSED)) == ["down web1"]
    assert kinds(made.hear(2, REFUSED)) == ["down web2", "quorum-lost"]


def test_a_quorum_of_one_says_nothing_of_itself() -> None:
    made = director(1, sorry_server=SORRY, server=(server(1),))
    assert kinds(made.hear(1, REFUSED)) == ["down web1"]
    assert made.said == ["99 1"]
