"""A network namespace of its own, in which the kernel has not yet held any table."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from pyroute2 import netns

_NAME = "palometa-bench"


def make_links() -> None:
    """Make the devices the virtual IPs of the benchmark are for, in this network namespace."""
    for words in ("set lo up", "add eth0 type dummy", "set eth0 up"):
        subprocess.run(["ip", "link", *words.split()], check=True)


@contextmanager
def fresh_network() -> Iterator[None]:
    """Be in a new network namespace for the block, and with the caller all it starts.

    IPVS has a table for each. One that was emptied is not as good as new: the kernel keeps deleted destinations
    for two to four minutes, and looks through all of them for each that is added (`ip_vs_trash_get_dest`).
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
