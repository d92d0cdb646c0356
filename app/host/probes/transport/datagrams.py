"""One request in a datagram, and its answer among whatever else may arrive."""

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from app.host.probes.transport.attempt import Attempt

SIZE_MAX = 4096
"""The most of a datagram that is read, in bytes."""
AGAIN_S = 1.0
"""When the request is sent again, as a datagram may be lost; the interval then doubles each time."""

Answer = TypeVar("Answer")


async def answer_to(
    request: bytes,
    connection: socket.socket,
    attempt: Attempt,
    read: Callable[[bytes], Answer | None],
    *,
    ignored: str = "",
    shown_as: bytes = b"",
) -> Answer:
    """Send `request` until `read` finds its answer in a datagram, and return what it found.

    Datagrams for which it returns None are ignored, so that only a host that sees the request can answer it;
    `ignored` says so in the result, and is empty where unrelated messages are normal. `shown_as` replaces a
    request that contains a secret.
    """
    loop = asyncio.get_running_loop()
    wait_s = AGAIN_S
    while True:
        await loop.sock_sendall(connection, request)
        attempt.note_bytes("sent", shown_as or request)
        # The limit of the whole attempt is not suppressed: it arrives as a cancellation.
        with suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                return await _awaited(connection, attempt, read, ignored)
        wait_s *= 2


async def _awaited(
    connection: socket.socket, attempt: Attempt, read: Callable[[bytes], Answer | None], ignored: str
) -> Answer:
    loop = asyncio.get_running_loop()
    while True:
        data = await loop.sock_recv(connection, SIZE_MAX)
        answer = read(data)
        if answer is not None:
            attempt.is_reached = True
            attempt.note_answer(data)
            return answer
        if ignored and not attempt.is_reached:
            # Only once: there may be an endless stream of them.
            attempt.is_reached = True
            attempt.note_bytes("ignored", data)
            attempt.doing += f" ({ignored})"
        # Reading does not wait while data is there: a flood must not stop everything else.
        await asyncio.sleep(0)
