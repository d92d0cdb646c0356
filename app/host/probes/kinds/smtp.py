"""SMTP: the server greets and answers EHLO; the check then quits without sending mail."""

from app.host.own_name import introduction
from app.host.probes.transport.attempt import Attempt, Unexpected
from app.host.probes.transport.sockets import target
from app.host.probes.transport.streams import READ_MAX, Stream, streamed
from app.lvs.checks.check import Check
from app.lvs.checks.expect import quoted_bytes


async def probe(check: Check, attempt: Attempt) -> None:
    """Require the replies 220 to the connection and 250 to EHLO."""
    protocol = "SMTPS" if check.tls else "SMTP"
    attempt.doing = f"{protocol} greeting of {target(check)}"
    async with streamed(check, attempt) as stream:
        await _require(stream, b"220", "greeted with")
        attempt.doing = f"{protocol} EHLO to {target(check)}"
        # Servers that are strict want a full name or an address.
        own_name = introduction(attempt.helo_name, stream.own_address)
        await stream.send(f"EHLO {own_name}\r\n".encode("ascii", "replace"))
        await _require(stream, b"250", "answered")
        attempt.found = "answered with 250"
        await stream.take_leave(b"QUIT\r\n")


async def _require(stream: Stream, code: bytes, verb: str) -> None:
    """Read one reply, possibly of several lines (RFC 5321, 4.2.1), and require its code."""
    first = line = await stream.line()
    size = len(line)
    while line[3:4] == b"-" and line[:3] == first[:3]:
        line = await stream.line()
        size += len(line)
        if size > READ_MAX:
            raise Unexpected(f"{verb} more than {READ_MAX} bytes")
    if not (line[:3].isdigit() and line[:3] == first[:3] and line[3:4] in (b"", b" ")):
        raise Unexpected(f"{verb} {quoted_bytes(line)}, which is not SMTP")
    if line[:3] != code:
        raise Unexpected(f"{verb} {quoted_bytes(first)}")
