"""TCP connect: the server has only to take the connection."""

import socket

from app.host.probes.transport.attempt import Attempt
from app.host.probes.transport.sockets import connected, target
from app.lvs.checks.check import Check


async def probe(check: Check, attempt: Attempt) -> None:
    """Connect and hang up."""
    attempt.doing = f"TCP connect to {target(check)}"
    async with connected(check, socket.SOCK_STREAM, attempt):
        attempt.found = "connected"
