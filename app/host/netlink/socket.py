"""One raw netlink socket with one buffer that every answer is read into; knows no family, decodes nothing."""

import errno
import socket
from contextlib import suppress
from struct import Struct

ROUTE = 0
GENERIC = 16
"""NETLINK_ROUTE and NETLINK_GENERIC; the socket module has no name for the second."""

_SOL_NETLINK = 270
_CAP_ACK = 10

_RECEIVE_QUEUE = 4 << 20
_BUFFER = 64 << 10
"""More than the kernel ever puts into one datagram of a dump (32 KiB)."""

_ANSWER_WITHIN_S = 10
_TIMEVAL = Struct("@ll")


class AnswersLost(Exception):
    """The queue was full and answers were dropped; the requests have been carried out all the same."""


class NetlinkSocket:
    """Sends requests and receives datagrams; each datagram is valid only until the next one is received.

    `receive_queue` is the size in bytes of what the kernel holds for it.
    """

    def __init__(self, protocol: int = GENERIC, receive_queue: int = _RECEIVE_QUEUE) -> None:
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, protocol)
        try:
            self._socket.bind((0, 0))
            # The kernel answers within the call that asks, so only a kernel bug could make this wait.
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, _TIMEVAL.pack(_ANSWER_WITHIN_S, 0))
            # Errors then come without a copy of the request they are about.
            self._socket.setsockopt(_SOL_NETLINK, _CAP_ACK, 1)
            self._set_queue(receive_queue)
        except OSError:
            self._socket.close()
            raise
        self._buffer = memoryview(bytearray(_BUFFER))
        self._sequence = 0

    def close(self) -> None:
        """Close the socket; closing twice is fine."""
        self._socket.close()

    def next_sequence(self) -> int:
        """Return a sequence number that no recent request of this socket has had."""
        self._sequence = self._sequence % 0x7FFFFFFF + 1
        return self._sequence

    def send(self, requests: bytes) -> None:
        """Send one or more requests in one system call."""
        self._socket.sendto(requests, (0, 0))

    def receive(self) -> memoryview:
        """Return the next datagram; raise AnswersLost when some were dropped."""
        try:
            size = self._socket.recv_into(self._buffer)
        except OSError as error:
            if error.errno != errno.ENOBUFS:
                raise
            # Until the queue is empty it takes no answer, not even the next one.
            self._drain()
            raise AnswersLost from error
        return self._buffer[:size]

    def _drain(self) -> None:
        with suppress(BlockingIOError):
            while True:
                self._socket.recv_into(self._buffer, 0, socket.MSG_DONTWAIT)

    def _set_queue(self, size: int) -> None:
        try:
            # Needs CAP_NET_ADMIN, as all of IPVS does; SO_RCVBUF alone stops at net.core.rmem_max.
            self._socket.setsockopt(socket.SOL_SOCKET, 33, size)
        except PermissionError:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, size)
