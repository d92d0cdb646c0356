"""UDP: a datagram is sent, if there is something to send, and the first one that comes back is compared."""

import asyncio
import socket
from contextlib import suppress

from app.host.probes.transport.attempt import Attempt
from app.host.probes.transport.datagrams import SIZE_MAX
from app.host.probes.transport.sockets import connected, exchange, target
from app.lvs.checks.check import Check

REFUSAL_S = 1.0
"""How long a refusal is waited for where no answer is expected, and at most half of the limit."""


async def probe(check: Check, attempt: Attempt) -> None:
    """Send and compare the first answer; a closed port is told by the server's host with ICMP."""
    attempt.doing = f"UDP to {target(check)}"
    async with connected(check, socket.SOCK_DGRAM, attempt) as connection:
        if check.expect is None:
            await _unrefused(check, connection, attempt)
        else:
            await exchange(check, connection, attempt)


async def _unrefused(check: Check, connection: socket.socket, attempt: Attempt) -> None:
    """Send, if only an empty datagram, and require that nothing refuses it; any answer is well."""
    loop = asyncio.get_running_loop()
    await loop.sock_sendall(connection, check.send)
    attempt.note_bytes("sent", check.send)
    attempt.found = "sent, and nothing refused it"
    with suppress(TimeoutError):
        async with asyncio.timeout(min(REFUSAL_S, check.limit_s / 2)):
            attempt.note_bytes("received", await loop.sock_recv(connection, SIZE_MAX))
            attempt.is_reached = True
            attempt.found = "answered"
