"""The one-time link for the first password."""

import threading

import pytest

from app.store import PasswordRefused, SetupRefused, Store, User, open_store
from tests.store.stores import FAST, GOOD, Clock


def test_the_link_makes_the_first_user_once(store: Store) -> None:
    token = store.setup.issue()
    assert store.setup.is_valid(token)
    user = store.setup.redeem(token, "anna", GOOD)
    assert store.users.verify("anna", GOOD) == user
    assert not store.setup.is_valid(token)
    with pytest.raises(SetupRefused, match="not valid: it has been used"):
        store.setup.redeem(token, "berta", GOOD)
    assert store.users.verify("berta", GOOD) is None


def test_only_the_latest_link_is_valid(store: Store) -> None:
    first, second = store.setup.issue(), store.setup.issue()
    assert [store.setup.is_valid(first), store.setup.is_valid(second)] == [False, True]


def test_a_link_is_valid_for_an_hour(store: Store, clock: Clock) -> None:
    token = store.setup.issue()
    clock.pass_s(3599)
    assert store.setup.is_valid(token)
    clock.pass_s(1)
    assert not store.setup.is_valid(token)
    with pytest.raises(SetupRefused):
        store.setup.redeem(token, "anna", GOOD)
    assert store.users.is_empty()


def test_there_is_no_link_once_there_is_a_user(store: Store) -> None:
    token = store.setup.issue()
    store.users.create("anna", GOOD)
    assert not store.setup.is_valid(token)
    with pytest.raises(SetupRefused, match="There is already a user"):
        store.setup.issue()


def test_a_refused_password_does_not_use_the_link_up(store: Store) -> None:
    token = store.setup.issue()
    with pytest.raises(PasswordRefused):
        store.setup.redeem(token, "anna", "short")
    assert store.setup.is_valid(token)


@pytest.mark.parametrize("guess", ["", "guess", "\udc80"])
def test_a_guess_is_not_valid(store: Store, guess: str) -> None:
    assert not store.setup.is_valid(guess)
    store.setup.issue()
    assert not store.setup.is_valid(guess)


def test_of_many_who_use_the_link_at_once_one_gets_in(store: Store, url: str, clock: Clock) -> None:
    token = store.setup.issue()
    made: list[User] = []
    refused: list[SetupRefused] = []

    def redeem(name: str) -> None:
        other = open_store(url, now=clock, hasher=FAST)
        try:
            made.append(other.setup.redeem(token, name, GOOD))
        except SetupRefused as refusal:
            refused.append(refusal)

    threads = [threading.Thread(target=redeem, args=(f"user{number}",)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(made), len(refused)) == (1, 5)


def test_the_link_is_not_in_the_database(store: Store) -> None:
    token = store.setup.issue()
    with store.database.reading() as connection:
        assert token not in str(connection.exec_driver_sql("SELECT * FROM setup_tokens").all())
