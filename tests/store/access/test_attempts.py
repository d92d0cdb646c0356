"""Throttling: who guesses waits, who knows the password gets in, and nobody is locked out for good."""

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from argon2 import PasswordHasher

from app.store import Origin, Store, Throttled, open_store
from app.store.access.attempts import BACK_OFF_MAX_S, DEVICES_MAX, Standing
from app.store.access.users import NAME_MAX
from tests.store.stores import FAST, GOOD, Clock

HERE = Origin("192.0.2.1")
THERE = Origin("198.51.100.7")


def places() -> Iterator[Origin]:
    """Yield places nobody has been at."""
    for number in range(1, 60_000):
        yield Origin(f"203.{number >> 8}.{number & 255}.1")


def fail(store: Store, name: str, origin: Origin, times: int = 1) -> int:
    """Try wrong passwords; return how many were judged."""
    judged = 0
    for _ in range(times):
        try:
            store.attempts.begin(name, origin)
        except Throttled:
            continue
        judged += 1
    return judged


def signed_in(store: Store, name: str, origin: Origin) -> Origin:
    """Return the origin with the device cookie that a sign-in from there gives."""
    return Origin(origin.remote, origin.browser, store.attempts.remember(name, origin))


def test_the_first_try_never_waits(store: Store) -> None:
    assert store.attempts.wait_s("anna", HERE) == 0


def test_a_browser_waits_twice_as_long_with_each_failure_up_to_a_minute(store: Store, clock: Clock) -> None:
    waits = []
    browser = Origin("192.0.2.1", browser="form")
    for _ in range(9):
        fail(store, "anna", browser)
        waits.append(store.attempts.wait_s("anna", browser))
        clock.pass_s(61)
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_the_wait_passes_with_time(store: Store, clock: Clock) -> None:
    browser = Origin("192.0.2.1", browser="form")
    for pause_s in (1, 2, 0):
        assert fail(store, "anna", browser) == 1
        clock.pass_s(pause_s)
    clock.pass_s(1.5)
    assert store.attempts.wait_s("anna", Origin("198.51.100.7", browser="form")) == pytest.approx(2.5)
    clock.pass_s(2.5)
    assert store.attempts.wait_s("anna", Origin("198.51.100.7", browser="form")) == 0


def test_another_browser_at_the_same_place_has_three_tries_and_then_one_every_twenty_seconds(
    store: Store, clock: Clock
) -> None:
    assert fail(store, "anna", HERE, 5) == 3
    assert store.attempts.wait_s("anna", HERE) == 20
    clock.pass_s(20)
    assert fail(store, "anna", HERE, 5) == 1


def test_the_wait_of_a_place_never_grows_however_long_a_stranger_goes_on(store: Store, clock: Clock) -> None:
    for _ in range(200):
        fail(store, "anna", HERE)
        clock.pass_s(3)
        assert store.attempts.wait_s("anna", HERE) <= 20


def test_success_takes_the_failure_back_and_those_of_the_same_browser(store: Store, clock: Clock) -> None:
    browser = Origin("192.0.2.1", browser="form")
    fail(store, "anna", browser)
    clock.pass_s(1)
    store.attempts.succeeded(store.attempts.begin("anna", browser))
    assert store.attempts.wait_s("anna", browser) == 0
    fail(store, "anna", browser)
    assert store.attempts.wait_s("anna", browser) == 1


def test_success_does_not_take_back_the_failures_of_others_at_the_place(store: Store) -> None:
    fail(store, "anna", HERE, 2)
    store.attempts.succeeded(store.attempts.begin("anna", Origin("192.0.2.1", browser="form")))
    assert fail(store, "anna", HERE, 5) == 1


def test_a_place_has_ten_tries_in_five_seconds_over_all_names(store: Store, clock: Clock) -> None:
    assert sum(fail(store, f"made-up-{number}", HERE) for number in range(60)) == 10
    assert store.attempts.wait_s("anna", HERE) == 5
    assert store.attempts.wait_s("anna", THERE) == 0
    clock.pass_s(5)
    assert store.attempts.wait_s("anna", HERE) == 0


def test_strangers_with_wrong_names_every_second_keep_nobody_waiting(store: Store, clock: Clock) -> None:
    for number in range(120):
        fail(store, f"made-up-{number}", HERE)
        assert store.attempts.wait_s("anna", HERE) == 0
        clock.pass_s(1)


def test_a_stranger_elsewhere_does_not_keep_the_owner_out(store: Store, clock: Clock) -> None:
    for _ in range(100):
        fail(store, "anna", THERE, 5)
        assert store.attempts.wait_s("anna", HERE) == 0
        clock.pass_s(1)


def test_a_device_is_let_in_whatever_strangers_do_at_its_place_and_elsewhere(store: Store, clock: Clock) -> None:
    mine = signed_in(store, "anna", HERE)
    elsewhere = places()
    for _ in range(70):
        fail(store, "anna", HERE)
        fail(store, f"made-up-{clock.seconds}", HERE)
        for _ in range(2):
            fail(store, "anna", next(elsewhere))
        assert store.attempts.wait_s("anna", mine) == 0
        clock.pass_s(1)


def test_a_device_that_mistypes_beside_strangers_waits_for_itself_alone(store: Store, clock: Clock) -> None:
    mine = signed_in(store, "anna", HERE)
    for origin in (*[HERE] * 20, *(origin for origin, _ in zip(places(), range(20), strict=False))):
        fail(store, "anna", origin)
    assert fail(store, "anna", mine) == 1
    assert store.attempts.wait_s("anna", mine) == 1


def test_a_device_is_known_for_its_own_name_only(store: Store) -> None:
    mine = signed_in(store, "anna", HERE)
    assert store.attempts.standing("anna", mine) is Standing.DEVICE
    assert store.attempts.standing("berta", mine) is Standing.STRANGER
    assert store.attempts.standing("anna", Origin("198.51.100.7", device="made up")) is Standing.STRANGER


def test_the_holder_of_a_device_is_throttled_too(store: Store, clock: Clock) -> None:
    mine = signed_in(store, "anna", HERE)
    assert fail(store, "anna", mine, 60) == 1
    judged = 0
    for _ in range(120):
        judged += fail(store, "anna", mine)
        clock.pass_s(5)
    assert judged <= 600 / BACK_OFF_MAX_S + 6


def test_a_device_is_forgotten_after_thirty_days_and_kept_on_by_each_sign_in(store: Store, clock: Clock) -> None:
    mine = signed_in(store, "anna", HERE)
    clock.pass_s(20 * 86400)
    assert store.attempts.remember("anna", mine) == mine.device
    clock.pass_s(20 * 86400)
    assert store.attempts.standing("anna", mine) is Standing.DEVICE
    clock.pass_s(31 * 86400)
    assert store.attempts.standing("anna", mine) is Standing.STRANGER
    assert store.attempts.remember("anna", mine) != mine.device


def test_a_device_word_that_the_store_did_not_give_is_replaced(store: Store) -> None:
    assert store.attempts.remember("anna", Origin("192.0.2.1", device="planted")) != "planted"


def test_the_devices_of_a_name_are_bounded_and_the_oldest_goes(store: Store, clock: Clock) -> None:
    devices = []
    for _ in range(DEVICES_MAX + 3):
        devices.append(signed_in(store, "anna", HERE))
        clock.pass_s(1)
    known = [store.attempts.standing("anna", Origin("198.51.100.7", device=origin.device)) for origin in devices]
    assert known == [Standing.STRANGER] * 3 + [Standing.DEVICE] * DEVICES_MAX


def test_a_place_the_name_has_signed_in_from_is_kept_free_of_strangers_elsewhere(
    store: Store, clock: Clock
) -> None:
    signed_in(store, "anna", HERE)
    elsewhere = places()
    for _ in range(100):
        for _ in range(5):
            fail(store, "anna", next(elsewhere))
        assert store.attempts.wait_s("anna", HERE) == 0
        clock.pass_s(1)


def test_at_most_ten_guesses_a_minute_are_judged_of_a_name_whoever_makes_them(store: Store, clock: Clock) -> None:
    devices = [signed_in(store, "anna", HERE) for _ in range(8)]
    session = Origin("192.0.2.1", session="token")
    elsewhere = places()
    judged: list[float] = []
    for _ in range(120):
        for origin in (*devices, session, HERE, Origin("192.0.2.1", browser=str(clock.seconds)), next(elsewhere)):
            judged += [clock.seconds] * fail(store, "anna", origin)
        clock.pass_s(0.7)
    assert judged
    for first in judged:
        assert sum(first <= at < first + 60 for at in judged) <= 10


def test_of_many_at_once_no_more_are_let_through_than_one_after_another(
    store: Store, url: str, clock: Clock
) -> None:
    def attempt(name: str) -> Callable[[], None]:
        def run() -> None:
            start.wait()
            judged.append(fail(patient, name, HERE))

        return run

    patient = open_store(url, now=clock, hasher=FAST)
    try:
        for names, meant in ((["anna"] * 24, 3), ([f"made-up-{number}" for number in range(24)], 7)):
            judged: list[int] = []
            start = threading.Barrier(len(names))
            threads = [threading.Thread(target=attempt(name)) for name in names]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert (len(judged), sum(judged)) == (len(names), meant)
    finally:
        patient.close()


def test_names_count_together_whatever_their_case(store: Store) -> None:
    fail(store, "Anna", HERE, 3)
    assert store.attempts.wait_s("ANNA", HERE) == 20


def test_one_ipv6_network_is_one_place_and_a_mapped_address_is_the_ipv4_one(store: Store) -> None:
    for number in range(5):
        fail(store, "anna", Origin(f"2001:db8:0:1::{number}"))
    assert store.attempts.wait_s("anna", Origin("2001:db8:0:1:ffff::1")) == 20
    assert store.attempts.wait_s("anna", Origin("2001:db8:0:2::1")) == 0
    fail(store, "berta", HERE, 3)
    assert store.attempts.wait_s("berta", Origin(f"::ffff:{HERE.remote}")) == 20


def test_workers_count_together(store: Store, url: str, clock: Clock) -> None:
    fail(open_store(url, now=clock), "anna", HERE, 3)
    assert store.attempts.wait_s("anna", HERE) == 20


def test_cleared_failures_keep_nobody_waiting_and_leave_devices_and_other_names(store: Store) -> None:
    mine = signed_in(store, "anna", HERE)
    fail(store, "anna", HERE, 3)
    fail(store, "berta", HERE, 3)
    store.attempts.clear("ANNA")
    assert store.attempts.wait_s("anna", HERE) == 0
    assert store.attempts.wait_s("berta", HERE) == 20
    assert store.attempts.standing("anna", mine) is Standing.DEVICE


def test_what_is_old_leaves_the_database(store: Store, clock: Clock) -> None:
    for name in "abc":
        fail(store, name, HERE)
    clock.pass_s(3601)
    fail(store, "d", HERE)
    with store.database.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM login_attempts").scalar_one() == 1


def test_neither_what_was_typed_as_a_name_nor_what_a_browser_holds_is_in_the_database(store: Store) -> None:
    device = store.attempts.remember("my password by mistake", HERE)
    fail(store, "my password by mistake", Origin("192.0.2.1", "form", device, "token"))
    fail(store, "anna", Origin("192.0.2.1", "form"))
    with store.database.reading() as connection:
        kept = str(connection.exec_driver_sql("SELECT * FROM login_attempts").all())
    assert not any(word in kept for word in ("mistake", device, "token", "'form'"))


def test_a_name_no_user_can_have_is_neither_looked_at_nor_counted(store: Store) -> None:
    store.users.create("anna", GOOD)
    marks = "a" + "\u0301" * 130_000 + "\u0316" * 130_000
    assert store.sign_ins.judge(marks, GOOD, HERE) is None
    assert store.sign_ins.judge("x" * (NAME_MAX + 1), GOOD, HERE) is None
    store.attempts.clear(marks)
    assert store.users.verify(marks, GOOD) is None
    with store.database.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM login_attempts").scalar_one() == 0


def test_a_right_password_leaves_no_failure_and_a_wrong_one_does(store: Store) -> None:
    user = store.users.create("anna", GOOD)
    for _ in range(20):
        assert store.sign_ins.judge("anna", GOOD, HERE) == user
    assert store.sign_ins.judge("anna", "wrong", Origin("192.0.2.1", browser="form")) is None
    with pytest.raises(Throttled):
        store.sign_ins.judge("anna", GOOD, Origin("192.0.2.1", browser="form"))


def test_what_is_throttled_or_too_long_costs_no_hash(url: str, clock: Clock) -> None:
    class Counting(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # type: ignore[override]
            verified.append(1)
            return super().verify(hash, password)

    verified: list[int] = []
    store = open_store(url, now=clock, hasher=Counting(time_cost=1, memory_cost=8, parallelism=1))
    try:
        for _ in range(20):
            with suppress(Throttled):
                store.sign_ins.judge("anna", "wrong", HERE)
        store.sign_ins.judge("x" * (NAME_MAX + 1), "wrong", THERE)
        assert len(verified) == 3
    finally:
        store.close()
