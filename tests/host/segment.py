"""A machine of its own on the other end of eth0's cable, in a network namespace."""

from collections.abc import Iterator
from contextlib import contextmanager

from pyroute2 import IPRoute, NetNS, netns

from tests.host.namespace import own_network

NEIGHBOUR = "palometa-neighbour"


@contextmanager
def segment() -> Iterator[NetNS]:
    """Be in a namespace with eth0 (192.0.2.1/24) plugged into the neighbour's eth1 (192.0.2.2/24)."""
    with own_network():
        with NetNS(NEIGHBOUR) as other, IPRoute() as route:
            route.link("add", ifname="eth0", kind="veth", peer={"ifname": "eth1", "net_ns_fd": NEIGHBOUR})
            for end, ifname, number in ((route, "eth0", "1"), (other, "eth1", "2")):
                index = end.link_lookup(ifname=ifname)[0]
                end.addr("add", index=index, address=f"192.0.2.{number}", prefixlen=24)
                end.link("set", index=index, state="up")
            yield other
        netns.remove(NEIGHBOUR)
