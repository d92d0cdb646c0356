"""A migrated database of its own for each test."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.store import Store, migrate, open_store
from tests.store.stores import FAST, Clock


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a migrated database that nobody writes."""
    path = tmp_path_factory.mktemp("template") / "palometa.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def path(template: Path, tmp_path: Path) -> Path:
    """Return a migrated database."""
    return Path(shutil.copy(template, tmp_path / "palometa.db"))


@pytest.fixture
def url(path: Path) -> str:
    """Return the URL of a migrated database."""
    return f"sqlite:///{path}"


@pytest.fixture
def clock() -> Clock:
    """Return the clock of `store`."""
    return Clock()


@pytest.fixture
def store(url: str, clock: Clock) -> Iterator[Store]:
    """Return a store of its own."""
    opened = open_store(url, now=clock, hasher=FAST, busy_timeout_s=0.05)
    yield opened
    opened.close()
