"""A cluster for the tests of the daemon; each test has a director with an empty table and no virtual address."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.cluster import Cluster
from lab.network import DIRECTOR
from tests.pulse.director import Director


@pytest.fixture(scope="package")
def cluster() -> Iterator[Cluster]:
    with Cluster() as built:
        yield built


@pytest.fixture
def director(cluster: Cluster, tmp_path: Path) -> Iterator[Director]:
    # The daemon's user has to get to its files.
    for parent in (tmp_path, *tmp_path.parents):
        if parent.is_relative_to("/tmp") and parent != Path("/tmp"):
            parent.chmod(0o755)
    running = Director(cluster, tmp_path)
    yield running
    running.kill()
    cluster.run(DIRECTOR.name, ["ipvsadm", "-C"])
    for address in ("10.36.0.10/32", "10.37.0.253/24"):
        for device in ("eth0", "eth1"):
            cluster.run(DIRECTOR.name, ["ip", "address", "del", address, "dev", device], check=False)
