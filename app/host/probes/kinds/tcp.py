"""TCP connect: the server only has to accept the connection."""

import socket

from app.host.probes.transport.attempt import Attempt
from app.host.probes.transport.sockets import connected, target
from app.lvs.checks.check import Check


async def probe(check: Check, attempt: Attempt) -> None:
    """Connect and close the connection."""
    attempt.doing = f"TCP connect to {target(check)}"
    async with connected(check, socket.SOCK_STREAM, attempt):
        attempt.found = "connected"
