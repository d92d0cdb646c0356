"""Against the real kernel: what a neighbour remembers changes when an address is announced."""

import subprocess
import sys
import time
from collections.abc import Iterator
from ipaddress import ip_address

import pytest
from pyroute2 import IPRoute, NetNS, netns

from app.host.packets.announce import AnnounceFailed, announce
from app.lvs.model.values import Address
from tests.host.namespace import own_network, read_devices

pytestmark = pytest.mark.kernel

_VIPS = ("192.0.2.10", "2001:db8::10")
_STALE = "02:00:00:00:00:99"


@pytest.fixture
def neighbour() -> Iterator[NetNS]:
    """A machine on the other end of eth0's cable, which remembers the VIPs at another router."""
    name = "palometa-neighbour"
    with own_network():
        with NetNS(name) as other, IPRoute() as route:
            route.link("add", ifname="eth0", kind="veth", peer={"ifname": "eth1", "net_ns_fd": name})
            for end, ifname, network in ((route, "eth0", "1"), (other, "eth1", "2")):
                index = end.link_lookup(ifname=ifname)[0]
                end.addr("add", index=index, address=f"192.0.2.{network}", prefixlen=24)
                end.link("set", index=index, state="up")
            index = other.link_lookup(ifname="eth1")[0]
            for vip in _VIPS:
                other.neigh("add", dst=vip, lladdr=_STALE, ifindex=index, state="stale")
            yield other
        netns.remove(name)


def _remembered(neighbour: NetNS) -> dict[str, str]:
    found = (*neighbour.get_neighbours(family=2), *neighbour.get_neighbours(family=10))
    return {
        message.get_attr("NDA_DST"): message.get_attr("NDA_LLADDR")
        for message in found
        if message.get_attr("NDA_DST") in _VIPS
    }


@pytest.mark.parametrize("vip", _VIPS)
def test_a_neighbour_learns_the_new_place_of_an_address(neighbour: NetNS, vip: str) -> None:
    address: Address = ip_address(vip)
    here = next(device.hardware for device in read_devices() if device.name == "eth0")
    assert _remembered(neighbour)[vip] == _STALE
    until = time.monotonic() + 30
    # The first one may come before the neighbour's end of the cable is up.
    while _remembered(neighbour)[vip] != here and time.monotonic() < until:
        announce("eth0", [address])
        time.sleep(0.05)
    assert _remembered(neighbour) == {**dict.fromkeys(_VIPS, _STALE), vip: here}


def test_there_is_nobody_to_tell_on_the_loopback() -> None:
    with own_network():
        announce("lo", [ip_address("192.0.2.10")])


def test_an_unknown_interface_is_named() -> None:
    with own_network(), pytest.raises(AnnounceFailed, match="there is no interface 'bond7'"):
        announce("bond7", [ip_address("192.0.2.10")])


def test_an_interface_that_is_down_is_named_with_what_switches_it_on() -> None:
    with own_network():
        subprocess.run(["ip", "link", "add", "eth0", "type", "veth", "peer", "name", "eth1"], check=True)
        with pytest.raises(AnnounceFailed, match="bring it up with 'ip link set eth0 up'"):
            announce("eth0", [ip_address("192.0.2.10")])


_UNPRIVILEGED = """
from ipaddress import IPv4Address
from app.host.packets.announce import AnnounceFailed, announce
try:
    announce("lo", [IPv4Address("192.0.2.10")])
except AnnounceFailed as error:
    print(error)
"""


def test_without_the_capability_it_says_which_one_is_missing() -> None:
    dropped = ["setpriv", "--bounding-set=-net_raw", "--inh-caps=-net_raw"]
    done = subprocess.run(
        [*dropped, sys.executable, "-c", _UNPRIVILEGED], check=True, capture_output=True, text=True
    )
    assert "needs CAP_NET_RAW" in done.stdout
