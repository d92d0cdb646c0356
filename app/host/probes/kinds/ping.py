"""Ping: an ICMP echo, answered by the server's host. It requires CAP_NET_RAW, which pulse has for ARP anyway."""

import os
import socket
import struct
from functools import partial

from app.host.packets.arp_frames import checksum
from app.host.probes.transport.attempt import Attempt, CannotAsk
from app.host.probes.transport.datagrams import answer_to
from app.host.probes.transport.sockets import bind
from app.lvs.checks.check import Check

_PAYLOAD = b"palometa"
_ICMP6 = socket.IPPROTO_ICMPV6
_REQUEST, _REPLY = {4: 8, 6: 128}, {4: 0, 6: 129}


async def probe(check: Check, attempt: Attempt) -> None:
    """Require an echo reply."""
    attempt.doing = f"ping {check.address}"
    version = check.address.version
    with _opened(version) as connection:
        connection.setblocking(False)
        bind(connection, check)
        # Connected, the socket does not receive replies from other hosts.
        connection.connect((str(check.address), 0))
        mark = os.urandom(4)
        await answer_to(_request(version, mark), connection, attempt, partial(reply, version, mark))
    attempt.found = "answered"


def _opened(version: int) -> socket.socket:
    family, protocol = (socket.AF_INET, socket.IPPROTO_ICMP) if version == 4 else (socket.AF_INET6, _ICMP6)
    try:
        return socket.socket(family, socket.SOCK_RAW, protocol)
    except PermissionError as error:
        raise CannotAsk("permission denied: pulse requires CAP_NET_RAW") from error


def _request(version: int, mark: bytes) -> bytes:
    message = struct.pack("!BBH", _REQUEST[version], 0, 0) + mark + _PAYLOAD
    if version == 6:
        # The kernel adds the checksum, which covers addresses only it knows.
        return message
    return message[:2] + struct.pack("!H", checksum(message)) + message[4:]


def reply(version: int, mark: bytes, packet: bytes) -> bytes | None:
    """Return the message in `packet` if it answers the request of `mark`; an IPv4 packet includes its header."""
    message = packet[(packet[0] & 15) * 4 :] if version == 4 and packet else packet
    is_ours = message[:1] == bytes([_REPLY[version]]) and message[4:] == mark + _PAYLOAD
    return message if is_ours else None
