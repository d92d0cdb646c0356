"""An installation for each test: its settings, a store on a database of its own, and the application."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from flask import Flask

from app.settings import Settings
from app.store import Store, migrate, open_store
from app.web.factory import create_app
from tests.web.browsing import ADMIN, PASSWORD
from tests.web.compiled_templates import with_compiled_templates

# Real argon2id, but so cheap that a thousand tests do not wait for it.
QUICK_HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database nobody has used."""
    path = tmp_path_factory.mktemp("empty") / "palometa.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def database(empty_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database in which the administrator has a password, and nothing else."""
    path = tmp_path_factory.mktemp("used") / "palometa.db"
    shutil.copy(empty_database, path)
    store = open_store(f"sqlite:///{path}", hasher=QUICK_HASHER)
    store.users.create(ADMIN, PASSWORD)
    store.close()
    return path


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of an installation below a directory of the test."""
    return Settings(
        lvs_cf=tmp_path / "lvs.cf",
        state_directory=tmp_path,
        runtime_directory=tmp_path,
        database_url=f"sqlite:///{tmp_path / 'palometa.db'}",
    )


@pytest.fixture
def store(settings: Settings, database: Path) -> Iterator[Store]:
    """The store with the administrator in it."""
    yield from _opened(settings.state_directory / "palometa.db", database)


@pytest.fixture
def app(settings: Settings, store: Store) -> Flask:
    """The application."""
    return with_compiled_templates(create_app(settings, store))


@pytest.fixture
def empty_store(settings: Settings, empty_database: Path) -> Iterator[Store]:
    """The store of a first start: no password is set."""
    yield from _opened(settings.state_directory / "empty.db", empty_database)


def _opened(path: Path, template: Path) -> Iterator[Store]:
    shutil.copy(template, path)
    store = open_store(f"sqlite:///{path}", hasher=QUICK_HASHER)
    yield store
    store.close()
