"""Throttling: who guesses waits, who knows the password gets in, and nobody is locked out for good."""

import pytest

from app.store import Store, open_store
from tests.store.stores import Clock

HERE = "192.0.2.1"
THERE = "198.51.100.7"


def test_the_first_try_never_waits(store: Store) -> None:
    assert store.attempts.wait_s("anna", HERE) == 0


def test_each_failure_doubles_the_wait_up_to_a_minute(store: Store, clock: Clock) -> None:
    waits = []
    for _ in range(9):
        store.attempts.failed("anna", HERE)
        waits.append(store.attempts.wait_s("anna", HERE))
        clock.pass_s(61)
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_the_wait_passes_with_time(store: Store, clock: Clock) -> None:
    for _ in range(3):
        store.attempts.failed("anna", HERE)
    clock.pass_s(1.5)
    assert store.attempts.wait_s("anna", HERE) == pytest.approx(2.5)
    clock.pass_s(2.5)
    assert store.attempts.wait_s("anna", HERE) == 0


def test_success_forgets_the_failures_of_that_name(store: Store, clock: Clock) -> None:
    for _ in range(4):
        store.attempts.failed("anna", HERE)
    clock.pass_s(8)
    store.attempts.succeeded("anna", HERE)
    assert store.attempts.wait_s("anna", HERE) == 0
    store.attempts.failed("anna", HERE)
    assert store.attempts.wait_s("anna", HERE) == 1


def test_five_failures_a_minute_from_one_place_make_every_name_wait(store: Store, clock: Clock) -> None:
    for name in "abcde":
        store.attempts.failed(name, HERE)
        clock.pass_s(2)
    assert store.attempts.wait_s("anna", HERE) == 50
    assert store.attempts.wait_s("anna", THERE) == 0
    clock.pass_s(50)
    assert store.attempts.wait_s("anna", HERE) == 0


def test_success_under_one_name_does_not_clear_the_place_for_others(store: Store) -> None:
    for name in "abcde":
        store.attempts.failed(name, HERE)
    store.attempts.succeeded("anna", HERE)
    assert store.attempts.wait_s("a", HERE) == 60


def test_a_stranger_elsewhere_does_not_keep_the_owner_out(store: Store) -> None:
    for _ in range(5):
        store.attempts.failed("anna", THERE)
    assert store.attempts.wait_s("anna", THERE) == 60
    assert store.attempts.wait_s("anna", HERE) == 0


def test_guesses_from_many_places_count_together_but_spare_places_known_to_be_the_owners(store: Store) -> None:
    store.attempts.succeeded("anna", HERE)
    for number in range(10):
        store.attempts.failed("anna", f"203.0.113.{number}")
    assert store.attempts.wait_s("anna", "203.0.113.99") == 60
    assert store.attempts.wait_s("anna", HERE) == 0
    assert store.attempts.wait_s("berta", "203.0.113.99") == 0


def test_at_most_ten_guesses_a_minute_are_let_through_for_a_name(store: Store, clock: Clock) -> None:
    let_through = 0
    for second in range(60):
        for place in range(8):
            if store.attempts.wait_s("anna", f"203.0.113.{place}") == 0:
                store.attempts.failed("anna", f"203.0.113.{place}")
                let_through += 1
        clock.pass_s(0.9)
        assert second < 60
    assert let_through == 10


def test_it_never_locks_for_good(store: Store, clock: Clock) -> None:
    for _ in range(300):
        store.attempts.failed("anna", HERE)
    assert store.attempts.wait_s("anna", HERE) <= 60
    clock.pass_s(60)
    assert store.attempts.wait_s("anna", HERE) == 0


def test_names_count_together_whatever_their_case(store: Store) -> None:
    store.attempts.failed("Anna", HERE)
    assert store.attempts.wait_s("ANNA", HERE) == 1


def test_one_ipv6_network_is_one_place_and_a_mapped_address_is_the_ipv4_one(store: Store) -> None:
    for number in range(5):
        store.attempts.failed("anna", f"2001:db8:0:1::{number}")
    assert store.attempts.wait_s("anna", "2001:db8:0:1:ffff::1") == 60
    assert store.attempts.wait_s("anna", "2001:db8:0:2::1") == 0
    store.attempts.failed("berta", HERE)
    assert store.attempts.wait_s("berta", f"::ffff:{HERE}") == 1


def test_workers_count_together(store: Store, url: str, clock: Clock) -> None:
    open_store(url, now=clock).attempts.failed("anna", HERE)
    assert store.attempts.wait_s("anna", HERE) == 1


def test_what_is_old_leaves_the_database(store: Store, clock: Clock) -> None:
    for name in "abc":
        store.attempts.failed(name, HERE)
    clock.pass_s(3601)
    store.attempts.failed("d", HERE)
    with store.database.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM login_attempts").scalar_one() == 1


def test_what_was_typed_as_a_name_is_not_in_the_database(store: Store) -> None:
    store.attempts.failed("my password by mistake", HERE)
    with store.database.reading() as connection:
        assert "mistake" not in str(connection.exec_driver_sql("SELECT * FROM login_attempts").all())


def test_strangers_behind_the_same_proxy_do_not_keep_the_owner_out(store: Store) -> None:
    store.attempts.succeeded("anna", "192.0.2.1")
    for number in range(10):
        store.attempts.failed(f"made-up-{number}", "192.0.2.1")
    assert store.attempts.wait_s("anna", "192.0.2.1") == 0
    assert store.attempts.wait_s("berta", "192.0.2.1") > 0
