"""A new network namespace, whose IPVS table has never had any entries."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from pyroute2 import netns

_NAME = "palometa-bench"


def make_links() -> None:
    """Create the devices for the virtual IPs of the benchmark in this network namespace."""
    for words in ("set lo up", "add eth0 type dummy", "set eth0 up"):
        subprocess.run(["ip", "link", *words.split()], check=True)


@contextmanager
def fresh_network() -> Iterator[None]:
    """Enter a new network namespace during the block, with all processes started there.

    IPVS has one table per namespace. An emptied table is not as good as new: the kernel keeps deleted
    destinations for two to four minutes, and searches all of them for each one that is added
    (`ip_vs_trash_get_dest`).
    """
    netns.create(_NAME)
    try:
        netns.pushns(_NAME)
        try:
            make_links()
            yield
        finally:
            netns.popns()
    finally:
        netns.remove(_NAME)
