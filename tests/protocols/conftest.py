"""Directories for servers that run as another user, instead of pytest's own."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.protocols.directories import Directories


@pytest.fixture(scope="session")
def directories() -> Iterator[Directories]:
    """Where the servers of these tests have their files."""
    with TemporaryDirectory(prefix="palometa-protocols-") as name:
        yield Directories(Path(name))


@pytest.fixture
def tmp_path(directories: Directories) -> Path:
    """A directory of the test's own."""
    return directories.new()
