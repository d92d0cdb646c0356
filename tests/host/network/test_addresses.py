"""Against the real kernel, in a network namespace of its own, on a veth pair."""

import asyncio
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_interface

import pytest
from pyroute2 import IPRoute

from app.host.network.addresses import Addresses, AddressFailed
from app.host.network.interfaces import Interfaces
from app.host.network.link import LinkAddress
from app.host.network.sysctl import promotes_secondaries
from app.lvs.desired.addresses import VirtualAddress
from tests.host.namespace import own_network, read_devices

pytestmark = pytest.mark.kernel

_VIP = VirtualAddress(IPv4Address("192.0.2.10"), 24, "eth0:1")
_VIP6 = VirtualAddress(IPv6Address("2001:db8::10"), 64, "eth0")


@pytest.fixture(autouse=True)
def _eth0() -> Iterator[None]:
    with own_network():
        with IPRoute() as route:
            route.link("add", ifname="eth0", kind="veth", peer="eth1")
            for name in ("eth0", "eth1"):
                route.link("set", index=route.link_lookup(ifname=name)[0], state="up")
        yield


class _Bench:
    """The addresses of the namespace, each call in a loop of its own."""

    def add(self, virtual: VirtualAddress) -> bool:
        return _played(lambda addresses: addresses.add(virtual))

    def remove(self, virtual: VirtualAddress) -> bool:
        return _played(lambda addresses: addresses.remove(virtual))

    def present(self) -> frozenset[LinkAddress]:
        return frozenset(found for device in read_devices() for found in device.addresses)

    def is_up(self, virtual: VirtualAddress) -> bool:
        (device,) = (device for device in read_devices() if device.name == virtual.interface)
        return (virtual.address, virtual.prefix) in {(found.address, found.prefix) for found in device.addresses}


def _played(change: Callable[[Addresses], Awaitable[bool]]) -> bool:
    async def play() -> bool:
        with closing(Interfaces()) as interfaces, Addresses(interfaces) as addresses:
            return await change(addresses)

    return asyncio.run(play())


@pytest.fixture
def addresses() -> _Bench:
    return _Bench()


def _ip(*arguments: str) -> str:
    return subprocess.run(["ip", *arguments], check=True, capture_output=True, text=True).stdout


def _found(addresses: _Bench, text: str) -> LinkAddress | None:
    wanted = ip_address(text)
    return next((found for found in addresses.present() if found.address == wanted), None)


def test_it_brings_an_address_up_with_label_prefix_and_broadcast(addresses: _Bench) -> None:
    assert addresses.add(_VIP)
    assert "inet 192.0.2.10/24 brd 192.0.2.255 scope global eth0:1" in _ip("addr", "show", "dev", "eth0")
    assert addresses.is_up(_VIP)


def test_a_single_address_has_no_broadcast(addresses: _Bench) -> None:
    addresses.add(VirtualAddress(IPv4Address("192.0.2.10"), 32, "eth0"))
    assert "inet 192.0.2.10/32 scope global eth0" in _ip("addr", "show", "dev", "eth0")


def test_a_label_too_long_for_the_kernel_is_left_out(addresses: _Bench) -> None:
    assert addresses.add(VirtualAddress(IPv4Address("192.0.2.10"), 32, "eth0:12345678901"))
    assert "scope global eth0\n" in _ip("addr", "show", "dev", "eth0")


def test_an_ipv6_address_can_be_used_at_once(addresses: _Bench) -> None:
    assert addresses.add(_VIP6)
    line = next(line for line in _ip("addr", "show", "dev", "eth0").splitlines() if "2001:db8::10/64" in line)
    assert "nodad" in line
    assert "tentative" not in line


def test_the_director_does_not_speak_from_a_virtual_ipv6_address(addresses: _Bench) -> None:
    _ip("addr", "add", "2001:db8::2/64", "dev", "eth0", "nodad")
    _ip("link", "set", "eth0", "up")
    assert addresses.add(_VIP6)
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as asking:
        asking.connect(("2001:db8::11", 9))
        assert asking.getsockname()[0] == "2001:db8::2"


@pytest.mark.parametrize("virtual", [_VIP, _VIP6], ids=str)
def test_an_address_that_is_up_is_taken_over(addresses: _Bench, virtual: VirtualAddress) -> None:
    assert addresses.add(virtual)
    assert not addresses.add(virtual)
    assert sum(found.address == virtual.address for found in addresses.present()) == 1


@pytest.mark.parametrize("virtual", [_VIP, _VIP6], ids=str)
def test_it_takes_down_exactly_the_address_it_is_given(addresses: _Bench, virtual: VirtualAddress) -> None:
    addresses.add(virtual)
    other_prefix = VirtualAddress(virtual.address, virtual.prefix + 1, virtual.device)
    assert not addresses.remove(other_prefix)
    assert addresses.is_up(virtual)
    assert addresses.remove(virtual)
    assert not addresses.is_up(virtual)
    assert not addresses.remove(virtual)


@pytest.mark.parametrize("promote", ["0", "1"])
def test_taking_down_the_first_address_of_a_subnet_keeps_the_others(addresses: _Bench, promote: str) -> None:
    for name in ("all", "eth0"):
        with open(f"/proc/sys/net/ipv4/conf/{name}/promote_secondaries", "w") as file:
            file.write(promote)
    assert promotes_secondaries("eth0") is (promote == "1")
    others = [VirtualAddress(IPv4Address(f"192.0.2.{host}"), 24, f"eth0:{host}") for host in (11, 12)]
    for virtual in (_VIP, *others):
        addresses.add(virtual)
    assert addresses.remove(_VIP)
    assert {str(found.address): found.label for found in addresses.present() if found.prefix == 24} == {
        "192.0.2.11": "eth0:11",
        "192.0.2.12": "eth0:12",
    }


def test_taking_down_a_later_address_keeps_the_first(addresses: _Bench) -> None:
    later = VirtualAddress(IPv4Address("192.0.2.11"), 24, "eth0")
    addresses.add(_VIP)
    addresses.add(later)
    assert addresses.remove(later)
    assert addresses.is_up(_VIP)


def test_an_interface_is_never_switched_on_or_off(addresses: _Bench) -> None:
    _ip("link", "set", "eth0", "down")
    addresses.add(_VIP)
    assert "state DOWN" in _ip("link", "show", "dev", "eth0")
    _ip("link", "set", "eth0", "up")
    addresses.remove(_VIP)
    assert "state UP" in _ip("link", "show", "dev", "eth0")


def test_an_unknown_interface_is_named_with_those_there_are(addresses: _Bench) -> None:
    with pytest.raises(AddressFailed) as raised:
        addresses.add(VirtualAddress(IPv4Address("192.0.2.10"), 24, "bond7:1"))
    message = str(raised.value)
    assert message.startswith("Cannot bring up 192.0.2.10/24 on bond7:1: there is no interface 'bond7'")
    there = sorted(name for _, name in socket.if_nameindex())
    assert {"eth0", "eth1", "lo"} <= set(there)
    assert f"It has: {', '.join(there)}." in message


def test_an_interface_made_later_is_found(addresses: _Bench) -> None:
    assert addresses.add(_VIP)
    _ip("link", "add", "eth9", "type", "dummy")
    assert addresses.add(VirtualAddress(IPv4Address("192.0.2.77"), 32, "eth9"))


def test_an_interface_made_anew_under_its_name_is_found(addresses: _Bench) -> None:
    addresses.add(_VIP)
    _ip("link", "del", "eth0")
    _ip("link", "add", "eth0", "type", "dummy")
    assert addresses.add(_VIP)


def test_nothing_is_left_to_take_down_on_an_interface_that_is_gone(addresses: _Bench) -> None:
    assert not addresses.remove(VirtualAddress(IPv4Address("192.0.2.10"), 24, "bond7"))


def test_an_ipv6_address_with_another_prefix_is_not_taken_over(addresses: _Bench) -> None:
    addresses.add(_VIP6)
    with pytest.raises(AddressFailed, match="already there with the prefix length 64"):
        addresses.add(VirtualAddress(_VIP6.address, 128, "eth0"))


def test_devices_are_read_with_state_and_addresses(addresses: _Bench) -> None:
    addresses.add(_VIP)
    _ip("link", "add", "eth9", "type", "dummy")
    found = {device.name: device for device in read_devices()}
    # A kernel with the modules of tunnels has tunl0 and others in every namespace.
    assert set(found) == {name for _, name in socket.if_nameindex()}
    ours = ("lo", "eth0", "eth1", "eth9")
    assert [found[name].is_up for name in ours] == [True, True, True, False]
    assert ip_interface("192.0.2.10/24") in {
        ip_interface(f"{address.address}/{address.prefix}") for address in found["eth0"].addresses
    }
    assert found["eth0"].hardware.count(":") == 5


def test_virtual_addresses_are_not_the_machines_own(addresses: _Bench) -> None:
    addresses.add(_VIP)
    _ip("addr", "add", "198.51.100.1/24", "dev", "eth0")
    (eth0,) = (device for device in read_devices() if device.name == "eth0")
    assert [found.address for found in eth0.own([_VIP]) if found.address.version == 4] == [
        IPv4Address("198.51.100.1")
    ]
    assert _VIP.address in [found.address for found in eth0.own([])]


_UNPRIVILEGED = """
from ipaddress import IPv4Address
from asyncio import run
from app.host.network.addresses import AddressFailed, Addresses
from app.host.network.interfaces import Interfaces
from app.lvs.desired.addresses import VirtualAddress
async def add():
    with Addresses(Interfaces()) as addresses:
        await addresses.add(VirtualAddress(IPv4Address("192.0.2.10"), 24, "eth0"))
try:
    run(add())
except AddressFailed as error:
    print(error)
"""


def test_without_the_capability_it_says_which_one_is_missing() -> None:
    dropped = ["setpriv", "--bounding-set=-net_admin", "--inh-caps=-net_admin"]
    done = subprocess.run(
        [*dropped, sys.executable, "-c", _UNPRIVILEGED], check=True, capture_output=True, text=True
    )
    assert "needs CAP_NET_ADMIN" in done.stdout
