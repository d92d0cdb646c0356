"""Announces virtual IPs on their network segment, once per call; the daemon schedules repetitions."""

import errno
import os
import socket
from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address

from app.host.network.sysctl import Sysctl, SysctlFailed, is_on
from app.host.packets.arp_frames import advertisement_frame, arp_frames
from app.lvs.model.values import Address

_ETHERNET = 1


class AnnounceFailed(Exception):
    """Nothing could be announced; the message says why and what to do."""


def announce(interface: str, addresses: Iterable[Address]) -> None:
    """Announce `addresses` to the neighbours on `interface`; raise AnnounceFailed.

    On an interface that is not Ethernet (lo, a tunnel) there are no neighbour caches, so nothing is sent.
    """
    try:
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_CLOEXEC, 0) as sender:
            sender.bind((interface, 0))
            _, _, _, kind, hardware = sender.getsockname()
            if kind != _ETHERNET:
                return
            for frame in _frames(hardware, addresses):
                sender.send(frame)
    except OSError as error:
        raise AnnounceFailed(
            f"Cannot announce addresses on {interface}: {interface_problem(interface, error)}."
        ) from error


def _frames(hardware: bytes, addresses: Iterable[Address]) -> Iterator[bytes]:
    for address in addresses:
        if isinstance(address, IPv4Address):
            yield from arp_frames(hardware, address)
        else:
            yield advertisement_frame(hardware, address, _is_router())


def _is_router() -> bool:
    try:
        return is_on(Sysctl.IPV6_FORWARDING)
    except SysctlFailed:
        return False


def interface_problem(interface: str, error: OSError) -> str:
    """Return why no frame can be sent on `interface`, and what to do."""
    if error.errno in (errno.EPERM, errno.EACCES):
        return "the kernel does not permit it: this process needs CAP_NET_RAW; run pulse as root or as a service"
    if error.errno in (None, errno.ENODEV, errno.ENXIO):
        # if_nametoindex raises it without a number.
        return f"there is no interface '{interface}' on this machine"
    if error.errno == errno.ENETDOWN:
        return f"the interface is down: bring it up with 'ip link set {interface} up'"
    return f"the kernel answers '{os.strerror(error.errno or 0)}'"
