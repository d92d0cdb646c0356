"""What is attacked: an installation of its own for each test, on a port of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from app.settings import Settings
from app.store import Store
from tests.attack.attacker import Attacker
from tests.free_ports import free_port
from tests.web.installation import app, database, empty_database, store
from tests.web.server.pages import running

SEED = 13

__all__ = ["app", "database", "empty_database", "store"]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of an installation below a directory of the test."""
    return Settings(
        port=free_port(),
        lvs_cf=tmp_path / "lvs.cf",
        state_directory=tmp_path,
        runtime_directory=tmp_path,
        database_url=f"sqlite:///{tmp_path / 'palometa.db'}",
    )


@pytest.fixture
def attacker(settings: Settings, store: Store, app: Flask) -> Iterator[Attacker]:
    """Who attacks the installed web part."""
    with running(settings.state_directory, PORT=str(settings.port)) as pages:
        attacker = Attacker(pages, app, settings, store, SEED)
        yield attacker
        attacker.close()
