"""Sessions: how long a sign-in lasts, and what ends it."""

import re
from pathlib import Path

import pytest

from app.store import Store, User
from tests.store.stores import GOOD, Clock, locked

MINUTE_S = 60
HOUR_S = 3600


@pytest.fixture
def anna(store: Store) -> User:
    return store.users.create("anna", GOOD)


def test_a_token_stands_for_its_user(store: Store, anna: User) -> None:
    session = store.sessions.user_of(store.sessions.open(anna, "192.0.2.9"))
    assert session is not None
    assert (session.user, session.remote) == (anna, "192.0.2.9")
    assert session.opened_at.isoformat() == "2026-01-09T12:00:00+00:00"


def test_tokens_are_long_random_and_not_in_the_database(store: Store, anna: User) -> None:
    tokens = {store.sessions.open(anna, "x") for _ in range(20)}
    assert len(tokens) == 20
    assert all(re.fullmatch(r"[\w-]{43}", token) for token in tokens)
    with store.database.reading() as connection:
        kept = connection.exec_driver_sql("SELECT * FROM sessions").all()
    assert not any(token in str(kept) for token in tokens)


@pytest.mark.parametrize("token", ["", "guess", "x" * 10_000, "\udc80"])
def test_a_token_that_was_never_given_stands_for_nobody(store: Store, token: str) -> None:
    assert store.sessions.user_of(token) is None


def test_a_session_ends_after_half_an_hour_without_use(store: Store, anna: User, clock: Clock) -> None:
    token = store.sessions.open(anna, "x")
    clock.pass_s(30 * MINUTE_S - 1)
    assert store.sessions.user_of(token, is_use=False) is not None
    clock.pass_s(1)
    assert store.sessions.user_of(token) is None


def test_use_keeps_a_session_open_but_for_twelve_hours_in_all(store: Store, anna: User, clock: Clock) -> None:
    token = store.sessions.open(anna, "x")
    for _ in range(12 * 3 - 1):
        clock.pass_s(20 * MINUTE_S)
        assert store.sessions.user_of(token) is not None
    clock.pass_s(20 * MINUTE_S)
    assert store.sessions.user_of(token) is None


def test_a_page_that_refreshes_itself_keeps_no_session_open(store: Store, anna: User, clock: Clock) -> None:
    token = store.sessions.open(anna, "x")
    for _ in range(29):
        clock.pass_s(MINUTE_S)
        assert store.sessions.user_of(token, is_use=False) is not None
    clock.pass_s(MINUTE_S)
    assert store.sessions.user_of(token, is_use=False) is None


def test_a_session_is_valid_while_its_use_cannot_be_written(
    store: Store, anna: User, clock: Clock, path: Path
) -> None:
    token = store.sessions.open(anna, "x")
    clock.pass_s(5 * MINUTE_S)
    with locked(path):
        assert store.sessions.user_of(token) is not None


def test_signing_out_ends_the_session_and_no_other(store: Store, anna: User) -> None:
    first, second = store.sessions.open(anna, "x"), store.sessions.open(anna, "x")
    store.sessions.close(first)
    assert store.sessions.user_of(first) is None
    assert store.sessions.user_of(second) is not None


def test_all_sessions_of_a_user_end_but_the_one_that_is_kept(store: Store, anna: User) -> None:
    berta = store.users.create("berta", GOOD)
    first, second, third = (store.sessions.open(user, "x") for user in (anna, anna, berta))
    store.sessions.close_all(anna.id, but=second)
    assert [store.sessions.user_of(token) is not None for token in (first, second, third)] == [False, True, True]
    store.sessions.close_all(anna.id)
    assert [store.sessions.user_of(token) is not None for token in (first, second, third)] == [False, False, True]


def test_sessions_that_are_over_leave_the_database(store: Store, anna: User, clock: Clock) -> None:
    for _ in range(3):
        store.sessions.open(anna, "x")
    clock.pass_s(HOUR_S)
    store.sessions.open(anna, "x")
    with store.database.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM sessions").scalar_one() == 1
