"""A netlink socket on which chosen requests fail with an error number, whatever the kernel would have answered."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from struct import Struct

from app.host.netlink.frames import FrameType, message, messages
from app.host.netlink.socket import GENERIC, NetlinkSocket

_ERROR = Struct("=i")


@dataclass
class Failpoint:
    """Fails the requests for which `is_hit` holds, given their bytes and how many came before; `hits` are those.

    `at_once`: the kernel does not take the request; else it is carried out, and its answer replaced.
    """

    number: int
    is_hit: Callable[[bytes, int], bool]
    at_once: bool = False
    asked: int = 0
    hits: list[bytes] = field(default_factory=list)

    def socket(self, protocol: int = GENERIC) -> NetlinkSocket:
        """Return a socket that fails so."""
        return _FailingSocket(self, protocol)

    def hit(self, requests: bytes) -> bool:
        self.asked += 1
        is_hit = self.is_hit(requests, self.asked - 1)
        if is_hit:
            self.hits.append(requests)
        return is_hit


class _FailingSocket(NetlinkSocket):
    def __init__(self, failpoint: Failpoint, protocol: int) -> None:
        super().__init__(protocol)
        self._failpoint = failpoint
        self._refused: list[int] = []

    def send(self, requests: bytes) -> None:
        if self._failpoint.hit(requests):
            if self._failpoint.at_once:
                raise OSError(self._failpoint.number, os.strerror(self._failpoint.number))
            self._refused = [sequence for _, _, sequence, _ in messages(memoryview(requests))]
        super().send(requests)

    def receive(self) -> memoryview:
        if not self._refused:
            return super().receive()
        # What the kernel answers stays in the queue, under the number of a request nobody waits for.
        refused, self._refused = self._refused, []
        error = _ERROR.pack(-self._failpoint.number)
        return memoryview(b"".join(message(FrameType.ERROR, 0, sequence, error) for sequence in refused))
