"""Ports that nobody has at the moment, for the servers of tests."""

import socket
from contextlib import ExitStack, suppress


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM, count: int = 1) -> int:
    """Return the first of `count` ports in a row of 127.0.0.1 that are free, and of ::1 too."""
    while True:
        with ExitStack() as stack, suppress(OSError, OverflowError):
            first = _bind(stack, socket.AF_INET, kind, 0)
            for port in range(first, first + count):
                _bind(stack, socket.AF_INET6, kind, port)
                if port != first:
                    _bind(stack, socket.AF_INET, kind, port)
            return first


def _bind(stack: ExitStack, family: socket.AddressFamily, kind: socket.SocketKind, port: int) -> int:
    bound = stack.enter_context(socket.socket(family, kind))
    bound.bind(("127.0.0.1" if family is socket.AF_INET else "::1", port))
    return int(bound.getsockname()[1])
