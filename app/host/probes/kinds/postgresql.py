"""PostgreSQL: the server processes a connection request, whether or not the user exists. There is no login."""

import struct

from app.host.probes.transport.attempt import Attempt, Unexpected
from app.host.probes.transport.sockets import target
from app.host.probes.transport.streams import READ_MAX, Stream, streamed
from app.lvs.checks.check import Check
from app.lvs.checks.expect import quoted_bytes

_VERSION_3 = 3 << 16
_USER = "palometa"
# No such user or not from this host (class 28), or no such database: such a server is in service.
_NOT_US = ("28", "3D")
_MESSAGES_MAX = 100


async def probe(check: Check, attempt: Attempt) -> None:
    """Request a connection and require that the server asks for authentication, or refuses this user."""
    user = check.name or _USER
    attempt.doing = f"PostgreSQL connection to {target(check)} as {user}"
    async with streamed(check, attempt) as stream:
        # Without a database name the user's name is taken, and the server would log an error.
        words = ("user", user, "database", "postgres", "")
        body = struct.pack("!I", _VERSION_3) + b"".join(word.encode() + b"\0" for word in words)
        await stream.send(struct.pack("!I", len(body) + 4) + body)
        kind, answer = await _message(stream)
        if kind == b"E":
            _judge_error(answer, attempt)
        elif kind != b"R" or len(answer) < 4:
            raise Unexpected(f"answered {quoted_bytes(kind + answer)}, which is not PostgreSQL")
        elif answer[:4] != bytes(4):
            # psql, too, closes the connection here to ask for a password, so the server logs nothing.
            attempt.found = "asks for authentication"
        else:
            attempt.found = "accepted the login"
            await _terminate(stream, attempt)


async def _terminate(stream: Stream, attempt: Attempt) -> None:
    """Close a connection that was accepted: the server may still fail to open the database, or be full."""
    for _ in range(_MESSAGES_MAX):
        kind, answer = await _message(stream)
        if kind == b"E":
            return _judge_error(answer, attempt)
        if kind == b"Z":
            await stream.send(b"X" + struct.pack("!I", 4))
            return None
    raise Unexpected(f"sent {_MESSAGES_MAX} messages without becoming ready")


async def _message(stream: Stream) -> tuple[bytes, bytes]:
    """Return the kind and the content of the next message."""
    head = await stream.exactly(5)
    size = int.from_bytes(head[1:], "big")
    if not 4 <= size <= READ_MAX:
        raise Unexpected(f"answered {quoted_bytes(head)}, which is not PostgreSQL")
    return head[:1], await stream.exactly(size - 4) if size > 4 else b""


def _judge_error(answer: bytes, attempt: Attempt) -> None:
    fields = {field[:1]: field[1:] for field in answer.split(b"\0") if field}
    state, text = fields.get(b"C", b"").decode("ascii", "replace"), fields.get(b"M", b"")
    if not state.startswith(_NOT_US):
        raise Unexpected(f"refused with {quoted_bytes(fields.get(b'C', b''))} {quoted_bytes(text)}")
    attempt.found = f"in service, user refused: {quoted_bytes(text)}"
