"""Against the real kernel: another machine on the cable has the address, or has it not."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from ipaddress import ip_address

import pytest
from pyroute2 import NetNS

from app.host.packets.neighbour_probe import ProbeFailed, answers_any, other_owners
from app.lvs.model.values import Address
from tests.host.namespace import own_network, read_devices
from tests.host.segment import NEIGHBOUR, segment

pytestmark = pytest.mark.kernel

_VIPS: tuple[Address, ...] = (ip_address("192.0.2.10"), ip_address("2001:db8::10"))
_FREE: tuple[Address, ...] = (ip_address("192.0.2.11"), ip_address("2001:db8::11"))


@pytest.fixture
def neighbour() -> Iterator[NetNS]:
    with segment() as other:
        yield other


def _take(*vips: Address, device: str = "eth1") -> None:
    for vip in vips:
        words = ["ip", "-n", NEIGHBOUR, "address", "add", f"{vip}/{vip.max_prefixlen}", "dev", device]
        subprocess.run(words + (["nodad"] if vip.version == 6 else []), check=True)


def _own_hardware() -> frozenset[bytes]:
    return frozenset(bytes.fromhex(device.hardware.replace(":", "")) for device in read_devices())


def _ask(*addresses: Address) -> dict[Address, str]:
    return asyncio.run(other_owners("eth0", addresses, _own_hardware()))


def test_the_machine_that_has_an_address_is_named_and_a_free_one_is_not(neighbour: NetNS) -> None:
    _take(*_VIPS)
    hardware = neighbour.get_links(ifname="eth1")[0].get_attr("IFLA_ADDRESS")
    assert _ask(*_VIPS, *_FREE) == dict.fromkeys(_VIPS, hardware)


def test_nobody_learns_the_address_from_a_question(neighbour: NetNS) -> None:
    assert _ask(*_FREE) == {}
    known = (*neighbour.get_neighbours(family=2), *neighbour.get_neighbours(family=10))
    assert not {str(address) for address in _FREE} & {entry.get_attr("NDA_DST") for entry in known}


def test_a_real_server_that_keeps_the_address_to_itself_does_not_answer(neighbour: NetNS) -> None:
    command = ["sysctl", "-qw", "net.ipv4.conf.all.arp_ignore=1"]
    subprocess.run(["ip", "netns", "exec", NEIGHBOUR, *command], check=True)
    subprocess.run(["ip", "-n", NEIGHBOUR, "link", "set", "lo", "up"], check=True)
    _take(*_VIPS, device="lo")
    assert _ask(*_VIPS) == {}


def test_this_machine_itself_is_no_other_machine() -> None:
    with own_network():
        words = ["ip", "link", "add", "eth0", "type", "veth", "peer", "name", "eth1"]
        subprocess.run(words, check=True)
        for command in ("link set eth0 up", "link set eth1 up", f"address add {_VIPS[0]}/32 dev eth1"):
            subprocess.run(["ip", *command.split()], check=True)
        assert asyncio.run(other_owners("eth0", _VIPS[:1], frozenset())) != {}
        assert _ask(_VIPS[0]) == {}


_ASKING = """
import socket, sys, time
from ipaddress import ip_address
from app.host.packets.probe_frames import probe_frame
with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as sender:
    sender.bind(("eth1", 0))
    print("ready", flush=True)
    while True:
        for text in sys.argv[2:]:
            sender.send(probe_frame(bytes.fromhex(sys.argv[1]), ip_address(text)))
        time.sleep(0.02)
"""


@pytest.mark.usefixtures("neighbour")
@pytest.mark.parametrize(
    ("other", "heeds_askers", "gets_it"),
    [("020000000001", True, False), ("020000000003", True, True), ("020000000001", False, True)],
)
def test_of_two_that_ask_at_once_the_one_with_the_lower_hardware_address_gets_it(
    other: str, heeds_askers: bool, gets_it: bool
) -> None:
    """Unless who asks is to be passed over: then nobody of the two has it."""
    subprocess.run(["ip", "link", "set", "eth0", "address", "02:00:00:00:00:02"], check=True)
    words = ["ip", "netns", "exec", NEIGHBOUR, sys.executable, "-c", _ASKING, other, *map(str, _VIPS)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as asking:
        try:
            assert asking.stdout is not None
            assert asking.stdout.readline() == "ready\n"
            found = asyncio.run(other_owners("eth0", _VIPS, _own_hardware(), heeds_askers=heeds_askers))
        finally:
            asking.kill()
    assert found == ({} if gets_it else dict.fromkeys(_VIPS, "02:00:00:00:00:01"))


def test_nobody_is_asked_on_the_loopback() -> None:
    with own_network():
        assert asyncio.run(other_owners("lo", _VIPS, ())) == {}


def test_an_interface_that_is_down_is_named_with_what_switches_it_on(neighbour: NetNS) -> None:
    subprocess.run(["ip", "link", "set", "eth0", "down"], check=True)
    with pytest.raises(ProbeFailed, match="bring it up with 'ip link set eth0 up'"):
        _ask(_VIPS[0])


@pytest.mark.parametrize("vip", _VIPS)
def test_an_unknown_interface_is_named(vip: Address) -> None:
    with own_network(), pytest.raises(ProbeFailed, match="there is no interface 'bond7'"):
        asyncio.run(other_owners("bond7", [vip], ()))


def test_whether_any_neighbour_answers(neighbour: NetNS) -> None:
    asked = {ip_address("192.0.2.2"): ip_address("192.0.2.1"), _VIPS[1]: ip_address("2001:db8::1")}
    assert asyncio.run(answers_any("eth0", asked, _own_hardware()))
    subprocess.run(["ip", "-n", NEIGHBOUR, "address", "flush", "dev", "eth1"], check=True)
    assert not asyncio.run(answers_any("eth0", asked, _own_hardware()))


def test_a_neighbour_that_is_just_taking_its_address_is_not_kept_from_it_by_the_question(neighbour: NetNS) -> None:
    own, its = ip_address("2001:db8::1"), _VIPS[1]
    subprocess.run(["ip", "address", "add", f"{own}/64", "dev", "eth0", "nodad"], check=True)

    hardware = _own_hardware()

    async def ask_meanwhile() -> bool:
        asking = asyncio.create_task(answers_any("eth0", {its: own}, hardware))
        await asyncio.sleep(0)
        words = ["ip", "-n", NEIGHBOUR, "address", "add", f"{its}/64", "dev", "eth1"]
        subprocess.run(words, check=True)
        await asking
        while "tentative" in (shown := _addresses()) and "dadfailed" not in shown:
            await answers_any("eth0", {its: own}, hardware)
        assert "dadfailed" not in shown
        return await answers_any("eth0", {its: own}, hardware)

    assert asyncio.run(ask_meanwhile())


def _addresses() -> str:
    command = ["ip", "-n", NEIGHBOUR, "-6", "address", "show", "dev", "eth1", "scope", "global"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
