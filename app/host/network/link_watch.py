"""Hears from the kernel, at once, that an interface or an address has come or gone (rtnetlink's groups)."""

import errno
import socket
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from app.host.netlink.frames import messages
from app.host.netlink.route_frames import LinkAddress, LinkMessage, RouteMessage, unpack_address, unpack_link
from app.host.netlink.socket import ROUTE

_LINKS, _IPV4_ADDRESSES, _IPV6_ADDRESSES = 0x001, 0x010, 0x100
_BUFFER = 64 << 10
_AT_ONCE = 200
"""Datagrams taken in one go: who adds ten thousand interfaces does not hold up the loop."""


@dataclass(frozen=True, slots=True)
class LinkNotice:
    """`link` is as it is now, or was when it went."""

    link: LinkMessage
    is_gone: bool


@dataclass(frozen=True, slots=True)
class AddressNotice:
    """`address` has come or changed, or it has gone."""

    address: LinkAddress
    is_gone: bool


@dataclass(frozen=True, slots=True)
class NoticesLost:
    """The kernel had more to tell than there was room for: look at everything."""


Notice = LinkNotice | AddressNotice | NoticesLost


class LinkWatch:
    """Watches the network namespace it is made in. `fileno` becomes readable when there are `notices`."""

    def __init__(self) -> None:
        self._socket = socket.socket(
            socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK, ROUTE
        )
        try:
            self._socket.bind((0, _LINKS | _IPV4_ADDRESSES | _IPV6_ADDRESSES))
        except OSError:
            self._socket.close()
            raise

    def fileno(self) -> int:
        """Return the file descriptor for a loop."""
        return self._socket.fileno()

    def close(self) -> None:
        """Stop watching."""
        self._socket.close()

    def notices(self) -> Iterator[Notice]:
        """Yield what has been told since the last call, without waiting; what is left comes with the next call."""
        for _ in range(_AT_ONCE):
            try:
                datagram = self._socket.recv(_BUFFER)
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno != errno.ENOBUFS:
                    raise
                # Until the queue is empty the kernel drops what comes, without another word.
                self._drain()
                yield NoticesLost()
                return
            for kind, _, _, body in messages(memoryview(datagram)):
                if (notice := _notice(kind, body)) is not None:
                    yield notice

    def _drain(self) -> None:
        with suppress(BlockingIOError):
            while True:
                self._socket.recv(_BUFFER)


def _notice(kind: int, body: memoryview) -> Notice | None:
    match kind:
        case RouteMessage.NEW_LINK | RouteMessage.DELETE_LINK:
            # A port that leaves its bridge is told as a link deleted, of the bridge's family: it has not gone.
            link = unpack_link(body)
            return LinkNotice(link, kind == RouteMessage.DELETE_LINK) if link is not None else None
        case RouteMessage.NEW_ADDRESS | RouteMessage.DELETE_ADDRESS:
            address = unpack_address(body)
            return AddressNotice(address, kind == RouteMessage.DELETE_ADDRESS) if address is not None else None
        case _:
            return None
