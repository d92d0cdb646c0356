"""Adds and removes addresses over rtnetlink, in bytes of our own (linux/rtnetlink.h, if_addr.h).

The one part of rtnetlink that does not go through pyroute2, with which a router would take ten times as long to
bring up a thousand virtual IPs, and in a takeover no router serves them meanwhile.
"""

import enum
import errno
import os
from collections.abc import Callable
from ipaddress import IPv4Address
from struct import Struct
from types import TracebackType
from typing import Self

from app.host.netlink.frames import ACK, FrameType, attribute, error_number, message, messages
from app.host.netlink.socket import ROUTE, AnswersLost, NetlinkSocket
from app.host.network.link import IS_DEPRECATED, LinkAddress

_CREATE_EXCLUSIVELY = 0x600
_FOREVER = 0xFFFFFFFF
_INET, _INET6 = 2, 10

_ADDRESS = Struct("=BBBBI")
_LIFETIMES = Struct("=IIII")
_FLAGS = Struct("=I")
_IFA_ADDRESS, _IFA_LOCAL, _IFA_LABEL, _IFA_BROADCAST, _IFA_CACHEINFO, _IFA_FLAGS = 1, 2, 3, 4, 6, 8


class _AddressMessage(enum.IntEnum):
    NEW_ADDRESS = 20
    DELETE_ADDRESS = 21


class AddressRequests:
    """Use with ``with``; the network namespace is that of the thread which enters. Errors are OSError."""

    def __init__(self, open_socket: Callable[[int], NetlinkSocket] = NetlinkSocket) -> None:
        self._open_socket = open_socket

    def __enter__(self) -> Self:
        self._socket = self._open_socket(ROUTE)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    def add(self, address: LinkAddress) -> None:
        """Put `address` on its interface; FileExistsError when it is there."""
        self._request(_AddressMessage.NEW_ADDRESS, _CREATE_EXCLUSIVELY, pack_address(address))

    def delete(self, address: LinkAddress) -> None:
        """Remove `address` from its interface; its label and flags are ignored."""
        self._request(_AddressMessage.DELETE_ADDRESS, 0, pack_identity(address))

    def _request(self, kind: _AddressMessage, flags: int, payload: bytes) -> None:
        sequence = self._socket.next_sequence()
        self._socket.send(message(kind, flags | ACK, sequence, payload))
        while True:
            try:
                datagram = self._socket.receive()
            except AnswersLost as lost:
                raise OSError(errno.ENOBUFS, os.strerror(errno.ENOBUFS)) from lost
            for answered_kind, _, answered, body in messages(datagram):
                if answered == sequence and answered_kind == FrameType.ERROR:
                    if number := error_number(body):
                        raise OSError(number, os.strerror(number))
                    return


def pack_address(address: LinkAddress) -> bytes:
    """Return the body of a request that adds `address`."""
    body = pack_identity(address)
    body += attribute(_IFA_FLAGS, _FLAGS.pack(address.flags))
    if address.flags & IS_DEPRECATED:
        # The kernel sets the flag itself, when the preferred lifetime is over.
        body += attribute(_IFA_CACHEINFO, _LIFETIMES.pack(0, _FOREVER, 0, 0))
    if address.label is not None:
        body += attribute(_IFA_LABEL, address.label.encode() + b"\0")
    if address.broadcast is not None:
        body += attribute(_IFA_BROADCAST, IPv4Address(address.broadcast).packed)
    return body


def pack_identity(address: LinkAddress) -> bytes:
    """Return the body of a request that deletes `address`: what the kernel finds it by."""
    family = _INET if address.address.version == 4 else _INET6
    head = _ADDRESS.pack(family, address.prefix, address.flags & 0xFF, address.scope, address.index)
    packed = address.address.packed
    return head + attribute(_IFA_LOCAL, packed) + attribute(_IFA_ADDRESS, packed)
