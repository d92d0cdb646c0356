"""Which passwords are taken, and how their hashes are made."""

import threading
from contextlib import suppress

import pytest
from argon2 import PasswordHasher
from hypothesis import given
from hypothesis import strategies as st

from app.store.access.passwords import (
    HASHES_AT_ONCE,
    HASHES_WAITING,
    LENGTH_MAX,
    PasswordHashes,
    PasswordRefused,
    TooManyLogins,
    refuse_weak,
)
from tests.store.stores import FAST, GOOD


@pytest.mark.parametrize(
    "password",
    [
        *("short", "elevenchars", "x1" * (LENGTH_MAX // 2) + "y", "", "aaaaaaaaaaaa", "abababababab"),
        *("piranhapiranha", "Palometa-2026!", "P1r4nh4-P4l0m3t4", "lvs-lvs-lvs-1234", "keepalived123"),
        *("password1234", "Passw0rd!Passw0rd!", "administrator", "letmein-letmein", "Welcome12345!"),
        *("qwertyuiopas", "1q2w3e4r5t6z", "123456789012", "210987654321", "abcdefghijkl", "lkjihgfedcba"),
        *("annemarie.weber", "AnneMarie.Weber", "annemarieweber99", "anne-marie-weber-admin"),
    ],
)
def test_a_weak_password_is_refused(password: str) -> None:
    with pytest.raises(PasswordRefused):
        refuse_weak("annemarie.weber", password)


@pytest.mark.parametrize(
    "password",
    [
        GOOD,
        "correct horse battery",
        "piranhas eat little",
        "äöüäöü ß €uro",
        "k9#Vz!pQ2w&L",
        "\0\t\n tabs and zeros",
    ],
)
def test_a_good_password_is_taken_as_it_is(password: str) -> None:
    refuse_weak("anna", password)
    hashes = PasswordHashes(FAST)
    assert hashes.is_right(hashes.make(password), password)


def test_the_refusal_says_how_long_it_was_and_what_is_accepted() -> None:
    with pytest.raises(PasswordRefused, match="has 5 characters; 12 to 1024 are accepted"):
        refuse_weak("anna", "short")


@given(name=st.text(max_size=20), password=st.text(max_size=60))
def test_judging_a_password_never_fails_otherwise(name: str, password: str) -> None:
    with suppress(PasswordRefused):
        refuse_weak(name, password)


@pytest.mark.parametrize("name", ["a", "adminadmin", "aa"])
def test_judging_a_long_ambiguous_password_ends(name: str) -> None:
    refuse_weak(name, "admin" * 200 + "zyxwvu")


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


def test_two_hashes_run_at_once_sixteen_wait_and_the_next_is_turned_away() -> None:
    class Held(PasswordHasher):
        def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
            with lock:
                running.append(1)
                most.append(len(running))
            begun.release()
            go_on.acquire()
            with lock:
                running.pop()
            return "hash"

    lock, begun, go_on = threading.Lock(), threading.Semaphore(0), threading.Semaphore(0)
    running: list[int] = []
    most: list[int] = []
    hashes = PasswordHashes(Held())
    count = HASHES_AT_ONCE + HASHES_WAITING
    done: list[str] = []
    threads = [threading.Thread(target=lambda: done.append(hashes.make(GOOD))) for _ in range(count)]
    for thread in threads:
        thread.start()
    for _ in range(HASHES_AT_ONCE):
        begun.acquire()
    while hashes.places.acquire(blocking=False):
        hashes.places.release()
    with pytest.raises(TooManyLogins, match="Try again in a few seconds"):
        hashes.make(GOOD)
    with pytest.raises(TooManyLogins):
        hashes.is_right(None, GOOD)
    for _ in range(count):
        go_on.release()
    for thread in threads:
        thread.join()
    assert (len(done), max(most)) == (count, HASHES_AT_ONCE)
    hashes.is_right(None, GOOD)
