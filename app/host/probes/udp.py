"""UDP: a datagram is sent, if there is something to send, and the first one that comes back is compared."""

import socket

from app.host.probes.attempt import Attempt
from app.host.probes.sockets import connected, exchange, target
from app.lvs.check import Check


async def probe(check: Check, attempt: Attempt) -> None:
    """Send and compare the first answer; a closed port is told by the server's host with ICMP."""
    attempt.doing = f"UDP to {target(check)}"
    async with connected(check, socket.SOCK_DGRAM, attempt) as connection:
        await exchange(check, connection, attempt)
