"""Piranha's send and expect over TCP: write once, read once, compare. (Its unanswered ICMP echo is left out.)"""

import socket

from app.host.probes.transport.attempt import Attempt
from app.host.probes.transport.sockets import connected, exchange, target
from app.lvs.checks.check import Check


async def probe(check: Check, attempt: Attempt) -> None:
    """Connect, send, and compare the first read with what is expected."""
    attempt.doing = f"TCP connect to {target(check)}"
    async with connected(check, socket.SOCK_STREAM, attempt) as connection:
        attempt.found = "connected"
        await exchange(check, connection, attempt)
