"""The kernel's table waits for nothing that is only needed later: what pulse loads before it is known."""

import pytest

from tests.loaded_modules import packages_after


@pytest.mark.parametrize(
    "late", ["msgspec", "typing_extensions", "pyroute2", "inotify_simple", "sqlalchemy", "flask"]
)
def test_it_is_not_loaded_before_the_table(late: str) -> None:
    assert late not in packages_after("import app.cli, app.commands.pulse")
