"""Links and addresses of this network namespace over rtnetlink: read all, add one, delete one."""

import errno
import os
from collections.abc import Callable
from functools import lru_cache
from types import TracebackType
from typing import Self, TypeVar

from app.host.netlink.frames import ACK, DUMP, DUMP_INTERRUPTED, FrameType, error_number, message, messages
from app.host.netlink.route_frames import (
    LinkAddress,
    LinkMessage,
    RouteMessage,
    everything,
    pack_address,
    pack_identity,
    unpack_address,
    unpack_link,
)
from app.host.netlink.socket import ROUTE, AnswersLost, NetlinkSocket

_CREATE_EXCLUSIVELY = 0x600
_DUMP_TRIES = 5

_Answer = TypeVar("_Answer")


class RouteSocket:
    """Use with ``with``; the network namespace is that of the thread which enters. Errors are OSError."""

    def __enter__(self) -> Self:
        self._socket = NetlinkSocket(ROUTE)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    def links(self) -> tuple[LinkMessage, ...]:
        """Return the interfaces in the kernel's order."""
        return self._read(RouteMessage.GET_LINK, unpack_link)

    def addresses(self) -> tuple[LinkAddress, ...]:
        """Return the IPv4 and IPv6 addresses of all interfaces."""
        return self._read(RouteMessage.GET_ADDRESS, lambda body: _address(bytes(body)))

    def add(self, address: LinkAddress) -> None:
        """Put `address` on its interface; FileExistsError when it is there."""
        self._do(RouteMessage.NEW_ADDRESS, _CREATE_EXCLUSIVELY, pack_address(address))

    def delete(self, address: LinkAddress) -> None:
        """Take `address` off its interface; its label and flags are not looked at."""
        self._do(RouteMessage.DELETE_ADDRESS, 0, pack_identity(address))

    def _read(self, kind: RouteMessage, unpack: Callable[[memoryview], _Answer | None]) -> tuple[_Answer, ...]:
        answers: list[_Answer] | None = None
        for _ in range(_DUMP_TRIES):
            try:
                answers, is_whole = self._read_once(kind, unpack)
            except AnswersLost:
                continue
            if is_whole:
                break
        if answers is None:
            raise OSError(errno.ENOBUFS, os.strerror(errno.ENOBUFS))
        # Where others change addresses all the time, one that came or went meanwhile may be wrong in it: a next
        # reading tells.
        return tuple(answers)

    def _read_once(
        self, kind: RouteMessage, unpack: Callable[[memoryview], _Answer | None]
    ) -> tuple[list[_Answer], bool]:
        sequence = self._socket.next_sequence()
        self._socket.send(message(kind, DUMP, sequence, everything(kind)))
        answers: list[_Answer] = []
        is_whole = True
        while True:
            for answered_kind, flags, answered, body in messages(self._socket.receive()):
                if answered != sequence:
                    continue
                is_whole &= not flags & DUMP_INTERRUPTED
                if answered_kind in (FrameType.ERROR, FrameType.DONE):
                    _require(error_number(body))
                    return answers, is_whole
                if (answer := unpack(body)) is not None:
                    answers.append(answer)

    def _do(self, kind: RouteMessage, flags: int, payload: bytes) -> None:
        sequence = self._socket.next_sequence()
        self._socket.send(message(kind, flags | ACK, sequence, payload))
        while True:
            for answered_kind, _, answered, body in messages(self._socket.receive()):
                if answered == sequence and answered_kind == FrameType.ERROR:
                    return _require(error_number(body))


@lru_cache(maxsize=4096)
def _address(body: bytes) -> LinkAddress | None:
    """Return the address of a message, remembered: of a thousand that are looked at every second a quarter."""
    return unpack_address(memoryview(body))


def _require(number: int) -> None:
    if number:
        raise OSError(number, os.strerror(number))
