"""POP3: the server greets; the check then quits without having logged in."""

from app.host.probes.transport.attempt import Attempt, Unexpected
from app.host.probes.transport.sockets import target
from app.host.probes.transport.streams import Stream, streamed
from app.lvs.checks.check import Check
from app.lvs.checks.expect import quoted_bytes


async def probe(check: Check, attempt: Attempt) -> None:
    """Require +OK (RFC 1939) to the connection and to QUIT."""
    protocol = "POP3S" if check.tls else "POP3"
    attempt.doing = f"{protocol} greeting of {target(check)}"
    async with streamed(check, attempt) as stream:
        await _require_ok(stream, "greeted with")
        attempt.doing = f"{protocol} QUIT to {target(check)}"
        await stream.send(b"QUIT\r\n")
        await _require_ok(stream, "answered")
        attempt.found = "answered with +OK"


async def _require_ok(stream: Stream, verb: str) -> None:
    line = await stream.line()
    status = line.split(b" ", 1)[0]
    if status == b"-ERR":
        raise Unexpected(f"{verb} {quoted_bytes(line)}")
    if status != b"+OK":
        raise Unexpected(f"{verb} {quoted_bytes(line)}, which is not POP3")
