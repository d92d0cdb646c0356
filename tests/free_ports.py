"""Ports that nobody has, for the servers of tests.

None of those the kernel hands out, unless it hands out nearly all: between the moment a port is found and that in
which the server has it, any connection of any program may be given it. And those of each test process are its own.
"""

import os
import random
import re
import socket
from contextlib import ExitStack, suppress
from pathlib import Path

_FIRST = 12_000
_BLOCK = 1_000
_BLOCKS_MIN = 16
_HANDED_OUT = Path("/proc/sys/net/ipv4/ip_local_port_range")


class _Ports:
    """The ports of this process, one after the other, from a random one on."""

    def __init__(self) -> None:
        blocks = max(_BLOCKS_MIN, (int(_HANDED_OUT.read_text().split()[0]) - _FIRST) // _BLOCK)
        worker = re.search(r"\d+", os.environ.get("PYTEST_XDIST_WORKER", ""))
        number = int(worker[0]) if worker else random.randrange(blocks)
        self._start = _FIRST + number % blocks * _BLOCK
        self._offset = random.randrange(_BLOCK)

    def next(self, count: int) -> int:
        """Return the first of `count` ports in a row."""
        if self._offset + count > _BLOCK:
            self._offset = 0
        first = self._start + self._offset
        self._offset += count
        return first


_ports = _Ports()


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM, count: int = 1) -> int:
    """Return the first of `count` ports in a row of 127.0.0.1 that are free, and of ::1 too."""
    while True:
        with ExitStack() as stack, suppress(OSError):
            first = _ports.next(count)
            for port in range(first, first + count):
                for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
                    stack.enter_context(socket.socket(family, kind)).bind((address, port))
            return first
