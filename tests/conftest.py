"""Where tests run: those marked kernel only inside a kernel of the lab; and what these share there."""

import os
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from lab import programs
from lab.cluster import Cluster
from lab.together import MODULES

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# How long an example takes is the machine's affair, and no assertion. The same examples each time: a failure comes
# from the last change, never from chance. `make fuzz` looks for new ones.
settings.register_profile(
    "palometa", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True, max_examples=50
)
settings.register_profile("mutants", settings.get_profile("palometa"), max_examples=25)
settings.register_profile("fuzz", settings.get_profile("palometa"), derandomize=False, max_examples=500)
settings.load_profile("palometa")

programs.fork_from_now_on()

OUTSIDE = "runs inside a kernel with IPVS only: make kernel ARGUMENTS=..."


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a kernel test outside the lab; in CI nobody reads of skipped tests, so there it fails."""
    if item.get_closest_marker("kernel") is None or "PALOMETA_LAB" in os.environ:
        return
    if os.environ.get("CI"):
        pytest.fail(OUTSIDE, pytrace=False)
    pytest.skip(OUTSIDE)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Where only kernel tests run, leave out the files that have none: loading them takes long in that kernel."""
    is_test_file = collection_path.name.startswith("test_") and collection_path.suffix == ".py"
    if config.option.markexpr != "kernel" or not is_test_file:
        return None
    return "pytest.mark.kernel" not in collection_path.read_text() or None


def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Run the modules that this kernel takes, if several share the tests out among them; else as pytest does."""
    modules = Path(os.environ.get("PALOMETA_LAB_SHARE", "/nonexistent")) / MODULES
    if not modules.is_dir() or session.testsfailed or session.config.option.collectonly:
        return None
    items = _taken(session.items, modules)
    item = next(items, None)
    while item is not None:
        # The next one is known before this one ends, as pytest tears down what the next does not need.
        following = next(items, None)
        session.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if session.shouldfail:
            raise session.Failed(session.shouldfail)
        if session.shouldstop:
            raise session.Interrupted(session.shouldstop)
        item = following
    return True


def _taken(items: Iterable[pytest.Item], modules: Path) -> Iterator[pytest.Item]:
    """Yield the tests of each module that no other kernel has taken when its turn comes, which takes it.

    Those marked long come first: one taken last would keep a kernel busy when the others have finished.
    """
    groups = [list(tests) for _, tests in groupby(items, key=_module)]
    for tests in sorted(groups, key=lambda tests: tests[0].get_closest_marker("long") is None):
        try:
            (modules / _module(tests[0]).replace("/", ".")).mkdir()
        except FileExistsError:
            continue
        yield from tests


def _module(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """The demonstration cluster: client, director, three web servers. One at a time: names are shared."""
    with Cluster() as built:
        yield built


@pytest.fixture(scope="session")
def browser() -> "Iterator[Browser]":
    """A headless Chromium."""
    # Not loaded where no test needs it: in the embedded kernel that takes seconds.
    from playwright.sync_api import expect, sync_playwright

    from tests.web.browsing import CHROMIUM, CHROMIUM_ARGUMENTS, PATIENCE_MS

    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()
