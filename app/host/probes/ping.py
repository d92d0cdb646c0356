"""Ping: an ICMP echo, answered by the server's host. It needs CAP_NET_RAW, which pulse has for ARP anyway."""

import asyncio
import os
import socket
import struct

from app.host.arp_frames import checksum
from app.host.probes.attempt import Attempt, CannotAsk
from app.lvs.check import Check

_PAYLOAD = b"palometa"
_ICMP6 = socket.IPPROTO_ICMPV6
_REQUEST, _REPLY = {4: 8, 6: 128}, {4: 0, 6: 129}
_READ_MAX = 1500


async def probe(check: Check, attempt: Attempt) -> None:
    """Send one echo request and wait for its answer."""
    attempt.doing = f"ping {check.address}"
    version = check.address.version
    loop = asyncio.get_running_loop()
    with _opened(version) as connection:
        connection.setblocking(False)
        # Connected, it is not woken by the answers of other hosts.
        connection.connect((str(check.address), 0))
        mark = os.urandom(4)
        await loop.sock_sendall(connection, _request(version, mark))
        while not _is_reply(version, await loop.sock_recv(connection, _READ_MAX), mark):
            pass
    attempt.is_reached = True
    attempt.found = "answered"


def _opened(version: int) -> socket.socket:
    family, protocol = (socket.AF_INET, socket.IPPROTO_ICMP) if version == 4 else (socket.AF_INET6, _ICMP6)
    try:
        return socket.socket(family, socket.SOCK_RAW, protocol)
    except PermissionError as error:
        raise CannotAsk("the kernel refuses it to this process: pulse needs CAP_NET_RAW") from error


def _request(version: int, mark: bytes) -> bytes:
    message = struct.pack("!BBH", _REQUEST[version], 0, 0) + mark + _PAYLOAD
    if version == 6:
        # The kernel adds the checksum, which covers addresses only it knows.
        return message
    return message[:2] + struct.pack("!H", checksum(message)) + message[4:]


def _is_reply(version: int, packet: bytes, mark: bytes) -> bool:
    """Return whether `packet` answers the request of `mark`; IPv4's comes with its header."""
    message = packet[(packet[0] & 15) * 4 :] if version == 4 and packet else packet
    return message[:1] == bytes([_REPLY[version]]) and message[4:] == mark + _PAYLOAD
