"""Two routers for each test; paired, where the test asks for that."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.partner.routers import Router, pair


@pytest.fixture
def routers(tmp_path: Path) -> Iterator[tuple[Router, Router]]:
    """Two running routers that do not know each other."""
    one, other = Router(tmp_path / "one"), Router(tmp_path / "other")
    try:
        one.start()
        other.start()
        yield one, other
    finally:
        for router in (one, other):
            router.kill()
            router.store.close()


@pytest.fixture
def paired(routers: tuple[Router, Router]) -> tuple[Router, Router]:
    """Two running routers that are paired."""
    pair(*routers)
    return routers
