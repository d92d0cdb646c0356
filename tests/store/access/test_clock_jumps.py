"""The clock jumps, a year ahead and back again, or an hour back: nothing comes alive again, nobody is kept out."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import pytest

from app.store import Origin, Scope, Store, Throttled
from tests.store.stores import GOOD, Clock, add_web

MINUTE_S, HOUR_S = 60, 3600
YEAR_S = 365 * 24 * HOUR_S
HERE = Origin("192.0.2.1", browser="form")


def session(store: Store) -> Callable[[], bool]:
    token = store.sessions.open(store.users.create("anna", GOOD), "192.0.2.1")
    return lambda: store.sessions.user_of(token, is_use=False) is not None


def api_token(store: Store) -> Callable[[], bool]:
    token = store.api_tokens.make("deploy", Scope.ADMIN, timedelta(minutes=30), "anna")

    def is_good() -> bool:
        found = store.api_tokens.find(token)
        assert found
        assert store.api_tokens.all()[0].has_expired == found.has_expired
        return not found.has_expired

    return is_good


def link(store: Store) -> Callable[[], bool]:
    token = store.setup.issue()
    return lambda: store.setup.is_valid(token)


KINDS = pytest.mark.parametrize("make", [session, api_token, link])


@KINDS
@pytest.mark.parametrize("ahead_s", [2 * HOUR_S, YEAR_S])
def test_what_was_over_once_is_not_valid_again_when_the_clock_goes_back(
    store: Store, clock: Clock, make: Callable[[Store], Callable[[], bool]], ahead_s: int
) -> None:
    is_good = make(store)
    assert is_good()
    clock.pass_s(ahead_s)
    assert not is_good()
    for back_s in (ahead_s, HOUR_S):
        clock.pass_s(-back_s)
        assert not is_good()


@KINDS
def test_what_was_made_a_year_ahead_lasts_no_year(
    store: Store, clock: Clock, make: Callable[[Store], Callable[[], bool]]
) -> None:
    clock.pass_s(YEAR_S)
    is_good = make(store)
    assert is_good()
    clock.pass_s(-YEAR_S)
    is_good()
    clock.pass_s(HOUR_S + MINUTE_S)
    assert not is_good()


@KINDS
def test_a_correction_of_some_seconds_ends_nothing(
    store: Store, clock: Clock, make: Callable[[Store], Callable[[], bool]]
) -> None:
    is_good = make(store)
    for seconds in (-30, 45, -30):
        clock.pass_s(seconds)
        assert is_good()


def test_a_token_made_a_year_ahead_is_good_for_its_lifetime_from_then_on(store: Store, clock: Clock) -> None:
    clock.pass_s(YEAR_S)
    token = store.api_tokens.make("deploy", Scope.ADMIN, timedelta(days=90), "anna")
    clock.pass_s(-YEAR_S)
    for days, has_expired in ((0, False), (89, False), (1, True)):
        clock.pass_s(days * 24 * HOUR_S)
        found = store.api_tokens.find(token)
        assert found
        assert found.has_expired == has_expired


def test_a_token_without_an_end_is_good_at_any_time(store: Store, clock: Clock) -> None:
    token = store.api_tokens.make("deploy", Scope.ADMIN, None, "anna")
    for seconds in (YEAR_S, -YEAR_S, -HOUR_S, HOUR_S):
        clock.pass_s(seconds)
        found = store.api_tokens.find(token)
        assert found
        assert not found.has_expired
        store.api_tokens.use(found, "192.0.2.9")
        used = store.api_tokens.all()[0].used_at
        assert used
        assert used.timestamp() == clock(), "a use in what is to come hides none of now"


@pytest.mark.parametrize("back_s", [HOUR_S, YEAR_S])
def test_failures_before_the_clock_went_back_keep_nobody_waiting(store: Store, clock: Clock, back_s: int) -> None:
    for number in range(30):
        with_other = Origin(f"198.51.100.{number}")
        for name, origin in (("anna", HERE), ("anna", with_other), (f"made-up-{number}", HERE)):
            try_wrong(store, name, origin)
        clock.pass_s(1)
    assert store.attempts.wait_s("anna", HERE) > 0
    clock.pass_s(-back_s)
    for origin in (HERE, Origin("192.0.2.1"), Origin("203.0.113.7")):
        assert store.attempts.wait_s("anna", origin) == 0
    # And they are counted anew.
    for _ in range(10):
        try_wrong(store, "anna", HERE)
    assert 0 < store.attempts.wait_s("anna", HERE) <= MINUTE_S


def test_a_jump_ahead_keeps_nobody_waiting(store: Store, clock: Clock) -> None:
    for _ in range(10):
        try_wrong(store, "anna", HERE)
    clock.pass_s(YEAR_S)
    assert store.attempts.wait_s("anna", HERE) == 0


def try_wrong(store: Store, name: str, origin: Origin) -> None:
    with suppress(Throttled):
        store.attempts.begin(name, origin)


def test_a_correction_of_some_seconds_gives_a_guesser_no_more_tries(store: Store, clock: Clock) -> None:
    for _ in range(10):
        try_wrong(store, "anna", HERE)
    before_s = store.attempts.wait_s("anna", HERE)
    clock.pass_s(-30)
    assert store.attempts.wait_s("anna", HERE) == before_s + 30


def test_history_and_audit_are_in_the_order_of_the_serials(store: Store, clock: Clock) -> None:
    for number, seconds in enumerate((0, YEAR_S, -YEAR_S, -HOUR_S, 1)):
        clock.pass_s(seconds)
        add_web(store, f"v{number}")
    heads = store.revisions()
    serials = [head.serial_no for head in heads]
    assert serials == sorted(serials, reverse=True)
    assert [head.summary for head in heads] == [f"added v{number}" for number in (4, 3, 2, 1, 0)]
    changed = [change.serial_no for change in store.audit()]
    assert changed == sorted(changed, reverse=True)
