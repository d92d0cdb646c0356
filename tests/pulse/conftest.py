"""Each test of the daemon has a director with an empty table and no virtual address."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lab import namespaces
from lab.cluster import Cluster
from tests.pulse.director import Director
from tests.pulse.two_directors.pair import PairOfDirectors


@pytest.fixture
def director(cluster: Cluster, tmp_path: Path) -> Iterator[Director]:
    running = Director(cluster, tmp_path)
    yield running
    running.kill()
    running.run("ipvsadm", "-C")
    addresses = ("10.36.0.10/32", "10.36.0.10/24", "10.36.0.20/32", "10.37.0.253/24")
    leftovers = [f"address del {address} dev {device}" for address in addresses for device in ("eth0", "eth1")]
    namespaces.ip(running.node.name, leftovers, is_forced=True)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PairOfDirectors]:
    """Two directors in a cluster of their own, with nothing started on them yet."""
    with Cluster(udp=(), directors=2) as cluster:
        directors = PairOfDirectors(cluster, tmp_path_factory.mktemp("pair"))
        try:
            yield directors
        finally:
            directors.stop()
