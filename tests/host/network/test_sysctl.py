"""Against the real kernel, in a network namespace of its own."""

import socket
import struct
import subprocess
import time
from ipaddress import IPv6Address
from pathlib import Path

import pytest

from app.host.network.sysctl import Sysctl, is_on, keep_advertised_routes, promotes_secondaries, switch_on
from app.host.packets.arp_frames import checksum
from tests.host.namespace import own_network
from tests.host.nobody import as_nobody

pytestmark = pytest.mark.kernel


@pytest.mark.parametrize("sysctl", Sysctl)
def test_a_switch_is_on_after_it_was_switched_on(sysctl: Sysctl) -> None:
    with own_network():
        _write(sysctl, "0")
        assert not is_on(sysctl)
        assert switch_on(sysctl)
        assert is_on(sysctl)
        assert not switch_on(sysctl)


def test_an_interface_that_is_not_there_promotes_as_all_do() -> None:
    with own_network():
        with open("/proc/sys/net/ipv4/conf/all/promote_secondaries", "w") as file:
            file.write("0")
        assert not promotes_secondaries("bond7")


def test_a_switch_that_cannot_be_set_is_named_with_the_command() -> None:
    with own_network():
        _write(Sysctl.IPV4_FORWARDING, "0")
        said = as_nobody(lambda: switch_on(Sysctl.IPV4_FORWARDING))
    assert "this process may not write to /proc/sys" in said
    assert "run 'sysctl -w net.ipv4.ip_forward=1' as root" in said


def _write(sysctl: Sysctl, text: str) -> None:
    with open("/proc/sys/" + sysctl.replace(".", "/"), "w") as file:
        file.write(text)


def test_forwarding_does_not_take_the_default_route_a_router_advertised() -> None:
    with own_network():
        for words in ("link add eth0 type veth peer name eth1", "link set eth0 up", "link set eth1 up"):
            subprocess.run(["ip", *words.split()], check=True)
        _wait_for("fe80::", "-6", "address", "show", "dev", "eth0", "-tentative")
        _advertise_router("eth1")
        route = _wait_for("default via fe80::99 dev eth0 proto ra", "-6", "route", "show", "default")
        keep_advertised_routes()
        switch_on(Sysctl.IPV6_FORWARDING)
        shown = subprocess.run(
            ["ip", "-6", "route", "show", "default"], check=True, capture_output=True, text=True
        )
        assert shown.stdout.split(" expires")[0] == route.split(" expires")[0]


def test_an_interface_without_an_advertised_route_is_left_alone() -> None:
    with own_network():
        subprocess.run(["ip", "link", "add", "eth0", "type", "veth", "peer", "name", "eth1"], check=True)
        keep_advertised_routes()
        assert Path("/proc/sys/net/ipv6/conf/eth0/accept_ra").read_text() == "1\n"


def _advertise_router(interface: str) -> None:
    """Send a router advertisement (RFC 4861) from fe80::99 that offers itself as the default for half an hour."""
    source, everybody = IPv6Address("fe80::99").packed, IPv6Address("ff02::1").packed
    hardware = bytes.fromhex("020000000099")
    body = struct.pack("!BBHII", 64, 0, 1800, 0, 0) + b"\1\1" + hardware
    pseudo = source + everybody + struct.pack("!II", len(body) + 4, 58)
    message = struct.pack("!BBH", 134, 0, checksum(pseudo + struct.pack("!BBH", 134, 0, 0) + body)) + body
    header = struct.pack("!IHBB", 6 << 28, len(message), 58, 255) + source + everybody
    frame = bytes.fromhex("333300000001") + hardware + b"\x86\xdd" + header + message
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as sender:
        sender.bind((interface, 0))
        sender.send(frame)


def _wait_for(text: str, *words: str) -> str:
    """Return what ``ip`` with these words shows once `text` is in it."""
    until = time.monotonic() + 20
    shown = ""
    while text not in shown:
        assert time.monotonic() < until, shown
        time.sleep(0.05)
        shown = subprocess.run(["ip", *words], check=True, capture_output=True, text=True).stdout
    return shown
