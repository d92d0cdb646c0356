"""UDP: sends a datagram, if there is anything to send, and compares the first one that comes back."""

import asyncio
import socket
from contextlib import suppress

from app.host.probes.transport.attempt import Attempt
from app.host.probes.transport.datagrams import SIZE_MAX
from app.host.probes.transport.sockets import connected, exchange, target
from app.lvs.checks.check import Check

REFUSAL_S = 1.0
"""How long to wait for a rejection if no answer is expected, up to half of the limit."""


async def probe(check: Check, attempt: Attempt) -> None:
    """Send and compare the first answer; the server's host reports a closed port by ICMP."""
    attempt.doing = f"UDP to {target(check)}"
    async with connected(check, socket.SOCK_DGRAM, attempt) as connection:
        if check.expect is None:
            await _require_no_rejection(check, connection, attempt)
        else:
            await exchange(check, connection, attempt)


async def _require_no_rejection(check: Check, connection: socket.socket, attempt: Attempt) -> None:
    """Send, if only an empty datagram, and require that it is not rejected; any answer will do."""
    loop = asyncio.get_running_loop()
    await loop.sock_sendall(connection, check.send)
    attempt.note_bytes("sent", check.send)
    attempt.found = "sent and not rejected"
    with suppress(TimeoutError):
        async with asyncio.timeout(min(REFUSAL_S, check.limit_s / 2)):
            attempt.note_answer(await loop.sock_recv(connection, SIZE_MAX))
            attempt.is_reached = True
            attempt.found = "answered"
