"""Users: who they are and whether a password is theirs."""

import pytest
from argon2 import PasswordHasher

from app.store import NameRefused, PasswordRefused, Store, User, open_store
from tests.store.stores import FAST, GOOD


def test_a_new_store_has_no_user_and_lets_nobody_in(store: Store) -> None:
    assert store.users.is_empty()
    for name in ("admin", "root", "piranha", "palometa", ""):
        assert store.users.verify(name, name) is None


def test_a_user_signs_in_by_name_and_password(store: Store) -> None:
    user = store.users.create("Anna", GOOD)
    assert not store.users.is_empty()
    assert store.users.verify("Anna", GOOD) == user == User(user.id, "Anna")
    assert store.users.verify("anna", GOOD) == user
    assert store.users.verify("Anna", "wrong") is None
    assert store.users.verify("berta", GOOD) is None


@pytest.mark.parametrize("again", ["Anna", "ANNA", "anna"])
def test_a_name_is_taken_once_whatever_its_case(store: Store, again: str) -> None:
    store.users.create("Anna", GOOD)
    with pytest.raises(NameRefused, match=r"There is already a user "):
        store.users.create(again, GOOD)


@pytest.mark.parametrize("name", ["", " anna", "anna ", "x" * 65, "a\nb", "a\0b"])
def test_a_name_that_cannot_be_shown_is_refused(store: Store, name: str) -> None:
    with pytest.raises(NameRefused, match="1 to 64 printable"):
        store.users.create(name, GOOD)


@pytest.mark.parametrize("name", ["é", "Анна", "a'; DROP TABLE users; --", "<script>", "%s{}", "x" * 64])
def test_any_printable_name_is_taken_as_it_is(store: Store, name: str) -> None:
    assert store.users.create(name, GOOD).name == name
    assert store.users.verify(name, GOOD) is not None


def test_a_weak_password_makes_no_user_and_changes_none(store: Store) -> None:
    with pytest.raises(PasswordRefused):
        store.users.create("anna", "short")
    assert store.users.is_empty()
    store.users.create("anna", GOOD)
    with pytest.raises(PasswordRefused):
        store.users.set_password("anna", "short")
    assert store.users.verify("anna", GOOD) is not None


def test_a_changed_password_is_the_only_one(store: Store) -> None:
    store.users.create("anna", GOOD)
    store.users.set_password("Anna", "fünf Esel im Nebel")
    assert store.users.verify("anna", GOOD) is None
    assert store.users.verify("anna", "fünf Esel im Nebel") is not None


def test_the_password_of_nobody_cannot_be_set(store: Store) -> None:
    with pytest.raises(NameRefused, match="There is no user 'berta'"):
        store.users.set_password("berta", GOOD)


def test_no_password_stands_in_the_database(store: Store) -> None:
    store.users.create("anna", GOOD)
    with store.database.reading() as connection:
        (kept,) = connection.exec_driver_sql("SELECT password_hash FROM users").scalars()
    assert kept.startswith("$argon2id$")
    assert GOOD not in kept


def test_a_hash_of_older_parameters_is_renewed_when_the_password_is_given(store: Store, url: str) -> None:
    store.users.create("anna", GOOD)
    stronger = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)
    renewed = open_store(url, hasher=stronger)
    assert renewed.users.verify("anna", "wrong") is None
    assert kept_hash(store).startswith(f"$argon2id$v=19$m={FAST.memory_cost},")
    assert renewed.users.verify("anna", GOOD) is not None
    assert kept_hash(store).startswith("$argon2id$v=19$m=16,t=2,p=1$")
    assert renewed.users.verify("anna", GOOD) is not None


def kept_hash(store: Store) -> str:
    with store.database.reading() as connection:
        return str(connection.exec_driver_sql("SELECT password_hash FROM users").scalar_one())
