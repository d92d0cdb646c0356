"""IMAP: the server greets; the check then logs out without having logged in."""

from app.host.probes.transport.attempt import Attempt, Unexpected
from app.host.probes.transport.sockets import target
from app.host.probes.transport.streams import Stream, streamed
from app.lvs.checks.check import Check
from app.lvs.checks.expect import quoted_bytes

_GREETINGS = ([b"*", b"OK"], [b"*", b"PREAUTH"])
_LINES_MAX = 100


async def probe(check: Check, attempt: Attempt) -> None:
    """Require the greeting of a server in service (RFC 3501, 7.1) and an answer to LOGOUT."""
    protocol = "IMAPS" if check.tls else "IMAP"
    attempt.doing = f"{protocol} greeting of {target(check)}"
    async with streamed(check, attempt) as stream:
        greeting = await stream.line()
        words = greeting.upper().split()[:2]
        if words == [b"*", b"BYE"]:
            raise Unexpected(f"refused with {quoted_bytes(greeting)}")
        if words not in _GREETINGS:
            raise Unexpected(f"greeted with {quoted_bytes(greeting)}, which is not IMAP")
        attempt.doing = f"{protocol} LOGOUT from {target(check)}"
        await stream.send(b"palometa LOGOUT\r\n")
        await _log_out(stream)
        attempt.found = f"greeted with {words[1].decode()}"


async def _log_out(stream: Stream) -> None:
    for _ in range(_LINES_MAX):
        line = await stream.line()
        words = line.upper().split()[:2]
        if words in ([b"*", b"BYE"], [b"PALOMETA", b"OK"]):
            return
        if words[:1] != [b"*"]:
            raise Unexpected(f"answered {quoted_bytes(line)}")
    raise Unexpected(f"answered {_LINES_MAX} lines without ending the session")
