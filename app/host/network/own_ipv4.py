"""The IPv4 addresses of this network namespace, by one system call: no netlink socket and no library."""

import array
import fcntl
import socket
import struct
from collections.abc import Mapping
from ipaddress import IPv4Address

_SIOCGIFCONF = 0x8912
_NAME = 16
_ENTRY = _NAME + struct.calcsize("LLHBBB0L")
"""A struct ifreq: a name, then as much as a struct ifmap takes (linux/if.h)."""
_ADDRESS = slice(_NAME + 4, _NAME + 8)
"""Where sin_addr is in one."""


def ipv4_addresses() -> Mapping[str, frozenset[IPv4Address]]:
    """Return the addresses of each interface that has some, by its name."""
    found: dict[str, set[IPv4Address]] = {}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        data = _listing(asking)
    for at in range(0, len(data), _ENTRY):
        entry = data[at : at + _ENTRY]
        # An address with a label is listed by that: eth0:1.
        name = entry[:_NAME].split(b"\0")[0].decode(errors="surrogateescape").partition(":")[0]
        found.setdefault(name, set()).add(IPv4Address(entry[_ADDRESS]))
    return {name: frozenset(addresses) for name, addresses in found.items()}


def _listing(asking: socket.socket) -> bytes:
    needed, _ = struct.unpack("iP", fcntl.ioctl(asking, _SIOCGIFCONF, struct.pack("iP", 0, 0)))
    while True:
        # One more than needed: a listing that fills all of its room may have been cut.
        room = array.array("B", bytes(needed + _ENTRY))
        asked = struct.pack("iP", len(room), room.buffer_info()[0])
        length, _ = struct.unpack("iP", fcntl.ioctl(asking, _SIOCGIFCONF, asked))
        if length <= needed:
            return room[:length].tobytes()
        needed = 2 * length
