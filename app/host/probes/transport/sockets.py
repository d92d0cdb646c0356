"""Sockets of checks: connected, written and read once, each step recorded in the attempt."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from app.host.probes.transport.attempt import Attempt, CannotAsk, Unexpected
from app.lvs.checks.check import Check
from app.lvs.checks.expect import READ_MAX, why_unexpected
from app.lvs.ipvs.service_names import host_port


@asynccontextmanager
async def connected(check: Check, kind: socket.SocketKind, attempt: Attempt) -> AsyncIterator[socket.socket]:
    """Connect to the target of `check` and yield the socket, which is closed at the end of the block."""
    family = socket.AF_INET if check.address.version == 4 else socket.AF_INET6
    with socket.socket(family, kind) as connection:
        connection.setblocking(False)
        bind(connection, check)
        await asyncio.get_running_loop().sock_connect(connection, (str(check.address), check.port))
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
    if check.expect is None:
        return
    attempt.doing = f"READ from {target(check)}"
    answer = await loop.sock_recv(connection, READ_MAX)
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
