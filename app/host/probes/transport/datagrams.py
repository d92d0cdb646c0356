"""One question in a datagram, and its answer among whatever else may come."""

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from app.host.probes.transport.attempt import Attempt

SIZE_MAX = 4096
"""The most of a datagram that is read, in bytes."""
AGAIN_S = 1.0
"""When the question is sent again, as a datagram may be lost; then after twice the time, and so on."""

Answer = TypeVar("Answer")


async def answer_to(
    question: bytes,
    connection: socket.socket,
    attempt: Attempt,
    read: Callable[[bytes], Answer | None],
    *,
    ignored: str = "",
    shown_as: bytes = b"",
) -> Answer:
    """Send `question` until `read` finds its answer in a datagram, and return what it found.

    What it returns None for is passed over, so that nobody who cannot see the question can answer it in the
    server's place; `ignored` says so in the result. It is empty where others' messages come, too. `shown_as` is
    for a question that holds a secret.
    """
    loop = asyncio.get_running_loop()
    wait_s = AGAIN_S
    while True:
        await loop.sock_sendall(connection, question)
        attempt.note_bytes("sent", shown_as or question)
        # The limit of the whole attempt is not suppressed: it comes as a cancellation.
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
            attempt.note_bytes("received", data)
            return answer
        if ignored and not attempt.is_reached:
            # Only once: there may be no end of them.
            attempt.is_reached = True
            attempt.note_bytes("ignored", data)
            attempt.doing += f" ({ignored})"
        # While something is there, reading it does not wait: who floods us must not stop everything else.
        await asyncio.sleep(0)
