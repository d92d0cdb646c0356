"""Where tests run: those marked kernel only inside a kernel of the lab; and what these share there."""

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from lab.cluster import Cluster
from lab.network import CLIENT
from lab.together import MODULES

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# How long an example takes is the machine's affair, and no assertion.
settings.register_profile("palometa", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("palometa")

OUTSIDE = "runs inside a kernel with IPVS only: make kernel ARGUMENTS=..."


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a kernel test outside the lab; in CI nobody reads of skipped tests, so there it fails."""
    if item.get_closest_marker("kernel") is None or "PALOMETA_LAB" in os.environ:
        return
    if os.environ.get("CI"):
        pytest.fail(OUTSIDE, pytrace=False)
    pytest.skip(OUTSIDE)


def pytest_runtest_protocol(item: pytest.Item) -> bool | None:
    """Leave out, without a word, a module that the tests in another kernel have taken."""
    return None if _is_ours(item.nodeid.partition("::")[0]) else True


@cache
def _is_ours(module: str) -> bool:
    """Take `module`, if several kernels share the tests out among them and no other has taken it."""
    modules = Path(os.environ.get("PALOMETA_LAB_SHARE", "/nonexistent")) / MODULES
    if not modules.is_dir():
        return True
    try:
        (modules / module.replace("/", ".")).mkdir()
    except FileExistsError:
        return False
    return True


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """The demonstration cluster: client, director, three web servers. One at a time: names are shared."""
    with Cluster() as built:
        yield built


@pytest.fixture(scope="module")
def client_browser(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Browser]":
    """A Chromium on the cluster's client. Inside the embedded kernel it takes some ten seconds to start."""
    from tests.lab.chromium import chromium_in

    directory: Path = tmp_path_factory.mktemp("chromium")
    with chromium_in(CLIENT.name, directory) as browser:
        yield browser
