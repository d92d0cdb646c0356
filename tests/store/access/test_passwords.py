"""How the hashes of passwords are made, and whose turn it is."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from argon2 import PasswordHasher

from app.store.access.passwords import (
    HASHES_AT_ONCE,
    HASHES_WAITING,
    OF_ONE_PLACE,
    Lane,
    PasswordHashes,
    TooManyLogins,
)
from tests.store.stores import FAST, GOOD
from tests.waiting import until

THREADS = 8
"""Of a process of `palometa web`."""


@pytest.mark.parametrize("password", [GOOD, "äöüäöü ß €uro", "\0\t\n tabs and zeros"])
def test_a_password_is_kept_as_it_is(password: str) -> None:
    hashes = PasswordHashes(FAST)
    assert hashes.is_right(hashes.make(password), password)


def test_another_password_is_not_right() -> None:
    hashes = PasswordHashes(FAST)
    assert not hashes.is_right(hashes.make(GOOD), GOOD + " ")
    assert not hashes.is_right(hashes.make(GOOD), GOOD.upper())


def test_hashes_are_argon2id_with_the_librarys_own_parameters() -> None:
    assert PasswordHashes(PasswordHasher()).make(GOOD).startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_an_unknown_user_costs_the_same_work_as_a_known_one() -> None:
    class Counting(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # type: ignore[override]
            parameters.append(str(hash).split("$")[1:4])
            return super().verify(hash, password)

    parameters: list[list[str]] = []
    hashes = PasswordHashes(Counting())
    assert not hashes.is_right(None, GOOD)
    assert not hashes.is_right(hashes.make("another one"), GOOD)
    assert parameters[0] == parameters[1] == ["argon2id", "v=19", "m=65536,t=3,p=4"]


def test_all_who_hash_or_wait_for_it_leave_threads_for_the_pages() -> None:
    assert sum(HASHES_AT_ONCE + waiting for waiting in HASHES_WAITING.values()) <= THREADS - 3


@contextmanager
def waiting(hashes: PasswordHashes, lane: Lane, places: list[str]) -> Iterator[list[str]]:
    """Let one thread for each of `places` take a turn, and hold it; yield those at work."""
    at_work: list[str] = []
    taken: list[str] = []
    leave = threading.Event()

    def hold(place: str) -> None:
        try:
            with hashes.turn(lane, place):
                at_work.append(place)
                taken.append(place)
                leave.wait()
                at_work.remove(place)
        except TooManyLogins:
            taken.append(f"refused {place}")

    threads = [threading.Thread(target=hold, args=(place,)) for place in places]
    for thread in threads:
        thread.start()
    until(lambda: at_work)
    try:
        yield taken
    finally:
        leave.set()
        for thread in threads:
            thread.join()


def test_one_is_judged_at_once_two_strangers_wait_and_the_next_is_turned_away() -> None:
    hashes = PasswordHashes(FAST)
    places = [f"192.0.2.{number}" for number in range(HASHES_AT_ONCE + HASHES_WAITING[Lane.STRANGERS])]
    with waiting(hashes, Lane.STRANGERS, places) as taken:
        until(lambda: is_full(hashes, "198.51.100.7"))
        assert len(taken) == HASHES_AT_ONCE
    assert sorted(taken) == places
    with hashes.turn(Lane.STRANGERS, "198.51.100.7"):
        assert hashes.is_right(hashes.make(GOOD), GOOD)


def test_one_place_does_not_take_all_the_turns_of_strangers() -> None:
    hashes = PasswordHashes(FAST)
    with waiting(hashes, Lane.STRANGERS, ["192.0.2.1"] * 12) as taken:
        until(lambda: taken.count("refused 192.0.2.1") == 12 - OF_ONE_PLACE)
        assert not is_full(hashes, "198.51.100.7", only_look=True)


def test_strangers_do_not_take_the_turn_of_who_is_known() -> None:
    hashes = PasswordHashes(FAST)
    with waiting(hashes, Lane.STRANGERS, [f"192.0.2.{number}" for number in range(12)]):
        assert hashes.is_right(hashes.make(GOOD), GOOD)


def is_full(hashes: PasswordHashes, place: str, *, only_look: bool = False) -> bool:
    """Whether a stranger from `place` is turned away."""
    turned_away: list[bool] = []

    def look() -> None:
        try:
            with hashes.turn(Lane.STRANGERS, place):
                turned_away.append(False)
        except TooManyLogins as busy:
            turned_away.append("Try again in a few seconds" in str(busy))

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    thread.join(0.5 if only_look else None)
    return turned_away == [True]
