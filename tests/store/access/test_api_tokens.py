"""The tokens of programs: found by nothing but themselves, for as long as they are good."""

from datetime import timedelta
from pathlib import Path

import pytest
from alembic import command

from app.store import Scope, Store, TokenRefused, migrate, open_store
from app.store.access.api_tokens import PREFIX
from app.store.database.engine import Database
from app.store.migration import alembic_config
from tests.store.stores import Clock, locked

DAY = timedelta(days=1)


def test_a_token_is_found_with_its_name_and_scope(store: Store) -> None:
    token = store.api_tokens.make("deploy", Scope.OPERATE, DAY, "anna")
    assert token.startswith(PREFIX)
    found = store.api_tokens.find(token)
    assert found is not None
    assert (found.name, found.scope, found.made_by, found.used_at) == ("deploy", Scope.OPERATE, "anna", None)
    assert not found.has_expired


@pytest.mark.parametrize("guess", ["", "guess", PREFIX, "\udc80"])
def test_a_guess_is_not_found(store: Store, guess: str) -> None:
    store.api_tokens.make("deploy", Scope.READ, None, "anna")
    assert store.api_tokens.find(guess) is None


def test_a_token_ends_when_its_time_is_over_and_is_still_listed(store: Store, clock: Clock) -> None:
    token = store.api_tokens.make("deploy", Scope.READ, DAY, "anna")
    clock.pass_s(24 * 3600 - 1)
    found = store.api_tokens.find(token)
    assert found is not None
    assert not found.has_expired
    clock.pass_s(1)
    assert [token.has_expired for token in store.api_tokens.all()] == [True]


def test_a_token_without_an_end_does_not_expire(store: Store, clock: Clock) -> None:
    token = store.api_tokens.make("deploy", Scope.READ, None, "anna")
    clock.pass_s(100 * 365 * 24 * 3600)
    found = store.api_tokens.find(token)
    assert found is not None
    assert not found.has_expired


def test_a_revoked_token_is_found_no_more_and_its_name_is_free(store: Store) -> None:
    token = store.api_tokens.make("deploy", Scope.READ, None, "anna")
    (kept,) = store.api_tokens.all()
    assert store.api_tokens.revoke(kept.id) == "deploy"
    assert store.api_tokens.find(token) is None
    assert store.api_tokens.revoke(kept.id) is None
    store.api_tokens.make("deploy", Scope.READ, None, "anna")
    assert store.api_tokens.all()[0].id != kept.id


def test_two_tokens_do_not_differ_by_capitals_alone(store: Store) -> None:
    store.api_tokens.make("deploy", Scope.READ, None, "anna")
    with pytest.raises(TokenRefused, match="There is already a token 'Deploy'"):
        store.api_tokens.make("Deploy", Scope.ADMIN, None, "berta")
    assert len(store.api_tokens.all()) == 1


@pytest.mark.parametrize("name", ["", " x", "x ", "a\nb", "x" * 65])
def test_a_name_a_log_could_not_show_is_refused(store: Store, name: str) -> None:
    with pytest.raises(TokenRefused, match="1 to 64 printable characters"):
        store.api_tokens.make(name, Scope.READ, None, "anna")


def test_the_last_use_is_kept_to_the_minute(store: Store, clock: Clock) -> None:
    token = store.api_tokens.make("deploy", Scope.READ, None, "anna")

    def use() -> float:
        found = store.api_tokens.find(token)
        assert found is not None
        store.api_tokens.use(found, "10.0.0.5")
        (kept,) = store.api_tokens.all()
        assert kept.used_at is not None
        assert kept.used_from == "10.0.0.5"
        return kept.used_at.timestamp()

    first = use()
    clock.pass_s(59)
    assert use() == first
    clock.pass_s(1)
    assert use() == first + 60


def test_a_locked_database_keeps_nobody_from_using_a_token(store: Store, path: Path) -> None:
    token = store.api_tokens.make("deploy", Scope.READ, None, "anna")
    found = store.api_tokens.find(token)
    assert found is not None
    with locked(path):
        store.api_tokens.use(found, "10.0.0.5")
    assert store.api_tokens.all()[0].used_at is None


def test_the_token_is_not_in_the_database(store: Store) -> None:
    token = store.api_tokens.make("deploy", Scope.READ, None, "anna")
    with store.database.reading() as connection:
        row = str(connection.exec_driver_sql("SELECT * FROM api_tokens").all())
    assert token not in row
    assert token.removeprefix(PREFIX) not in row


def test_a_scope_holds_those_before_it() -> None:
    assert [Scope.OPERATE.covers(scope) for scope in Scope] == [True, True, False]
    assert [Scope.READ.covers(scope) for scope in Scope] == [True, False, False]
    assert all(Scope.ADMIN.covers(scope) for scope in Scope)


def test_a_database_of_before_the_tokens_is_brought_up_to_date(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'palometa.db'}"
    database = Database(url)
    with database.writing() as connection:
        config = alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.exec_driver_sql("UPDATE global_settings SET serial_no = 7")
    database.close()
    migrate(url)
    store = open_store(url)
    assert store.snapshot().serial_no == 7
    assert store.api_tokens.all() == []
    store.close()
