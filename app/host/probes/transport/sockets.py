"""Sockets of checks: connected, written and read once, each step recorded in the attempt."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from app.host.probes.transport.attempt import Attempt, CannotAsk, Unexpected
from app.lvs.checks.check import Check
from app.lvs.checks.expect import READ_MAX, why_unexpected
from app.lvs.ipvs.service_names import host_port


class StreamSocket(socket.socket):
    """A TCP socket on which sending to a server that has hung up fails only when its answer is read.

    It may have answered before, as one does that never reads a request; asyncio closes a connection on which it
    cannot send, and what has arrived would be lost. `hung_up` is the failure.
    """

    hung_up: ConnectionError | None = None

    def send(self, data: Any, flags: int = 0, /) -> int:
        """Send `data`, or drop it if the server has hung up."""
        try:
            return super().send(data, flags)
        except ConnectionError as error:
            self.hung_up = error
            return len(data)


@asynccontextmanager
async def connected(check: Check, kind: socket.SocketKind, attempt: Attempt) -> AsyncIterator[socket.socket]:
    """Connect to the target of `check` and yield the socket, which is closed at the end of the block."""
    family = socket.AF_INET if check.address.version == 4 else socket.AF_INET6
    with (StreamSocket if kind is socket.SOCK_STREAM else socket.socket)(family, kind) as connection:
        connection.setblocking(False)
        bind(connection, check)
        try:
            await asyncio.get_running_loop().sock_connect(connection, (str(check.address), check.port))
        except ConnectionResetError:
            # Only a connection that was accepted can be reset, and the server may have answered before it did so.
            attempt.note("reset by the server")
        # Connecting a datagram socket involves no answer from the other side.
        attempt.is_reached = kind is socket.SOCK_STREAM
        attempt.note("connected" if attempt.is_reached else "ready to send")
        yield connection


async def exchange(check: Check, connection: socket.socket, attempt: Attempt) -> None:
    """Send what `check` sends and compare the first read with what it expects, as Piranha's nanny did."""
    loop = asyncio.get_running_loop()
    if check.send:
        attempt.doing = f"WRITE to {target(check)}"
        await loop.sock_sendall(connection, check.send)
        attempt.note_bytes("sent", check.send)
    hung_up = connection.hung_up if isinstance(connection, StreamSocket) else None
    if check.expect is None:
        if hung_up is not None:
            raise hung_up
        return
    attempt.doing = f"READ from {target(check)}"
    answer = await loop.sock_recv(connection, READ_MAX)
    if not answer and hung_up is not None:
        raise hung_up
    attempt.is_reached = True
    attempt.note_answer(answer)
    if why := why_unexpected(check, answer):
        raise Unexpected(why)
    attempt.found = "answered as expected"


def bind(connection: socket.socket, check: Check) -> None:
    """Bind the socket to the interface and the source address that `check` names."""
    if check.interface:
        try:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, check.interface.encode())
        except OSError as error:
            raise CannotAsk(f"cannot use the interface {check.interface}: {error.strerror}") from error
    if check.source is not None:
        try:
            connection.bind((str(check.source), 0))
        except OSError as error:
            raise CannotAsk(f"cannot use the source address {check.source}: {error.strerror}") from error


def target(check: Check) -> str:
    """Return the target as people write it."""
    return host_port(str(check.address), check.port)
