"""MySQL and MariaDB: the server greets with its version and processes a login, whether or not the user exists.

The login is completed, without a password. A connection dropped earlier, even with COM_QUIT, counts as
interrupted, and after `max_connect_errors` of them, 100 by default, the server blocks this director (seen with
MariaDB 10.11). A refused login does not count, but is logged; a user of that name without password and privileges
avoids that too.
"""

import struct

from app.host.probes.transport.attempt import Attempt, Unexpected
from app.host.probes.transport.sockets import target
from app.host.probes.transport.streams import READ_MAX, Stream, streamed
from app.lvs.checks.check import Check
from app.lvs.checks.expect import quoted_bytes

_USER = "palometa"
_NATIVE = b"mysql_native_password"
# LONG_PASSWORD, PROTOCOL_41, SECURE_CONNECTION, PLUGIN_AUTH.
_CAN_DO = 0x1 | 0x200 | 0x8000 | 0x80000
_PACKET_MAX, _UTF8MB4 = 1 << 24, 45
_PROTOCOL_10, _OK, _ERROR, _OTHER_PLUGIN, _QUIT = b"\x0a", b"\x00", b"\xff", b"\xfe", b"\x01"
# Access denied; then: not from this host, other authentication, locked, TLS required. Such a server serves others.
_DENIED = b"28000"
_NOT_US = frozenset({1130, 1251, 3118, 3159, 4151})


async def probe(check: Check, attempt: Attempt) -> None:
    """Require a greeting and an answer to the login that is not a failure of the server."""
    user = check.name or _USER
    attempt.doing = f"MySQL greeting of {target(check)}"
    async with streamed(check, attempt) as stream:
        _, greeting = await _packet(stream)
        if greeting[:1] == _ERROR:
            _judge_error(greeting, attempt, "")
            return
        version = _version(greeting)
        attempt.doing = f"MySQL login to {target(check)} as {user}"
        await stream.send(_framed(1, _login(user.encode())))
        number, answer = await _packet(stream)
        if answer[:1] == _OTHER_PLUGIN:
            plugin = answer[1:].split(b"\0", 1)[0]
            # An empty password is nothing at all for the old plugin, and an empty string for the others.
            await stream.send(_framed(number + 1, b"" if plugin == _NATIVE else b"\0"))
            _, answer = await _packet(stream)
        if answer[:1] == _ERROR:
            _judge_error(answer, attempt, f"version {version}, ")
            return
        attempt.found = f"version {version}"
        if answer[:1] == _OK:
            await stream.send(_framed(0, _QUIT))


async def _packet(stream: Stream) -> tuple[int, bytes]:
    """Return number and content of the next packet."""
    head = await stream.exactly(4)
    size = int.from_bytes(head[:3], "little")
    if not 0 < size <= READ_MAX:
        raise Unexpected(f"answered {quoted_bytes(head)}, which is not MySQL")
    return head[3], await stream.exactly(size)


def _framed(number: int, content: bytes) -> bytes:
    return struct.pack("<I", len(content))[:3] + bytes([number % 256]) + content


def _login(user: bytes) -> bytes:
    password_size = 0
    head = struct.pack("<IIB23x", _CAN_DO, _PACKET_MAX, _UTF8MB4)
    return head + user + b"\0" + bytes([password_size]) + _NATIVE + b"\0"


def _version(greeting: bytes) -> str:
    version, end, _ = greeting[1:].partition(b"\0")
    if greeting[:1] != _PROTOCOL_10 or not end:
        raise Unexpected(f"greeted with {quoted_bytes(greeting)}, which is not MySQL protocol 10")
    # MariaDB prefixes its version with a number that old clients accept.
    return quoted_bytes(version.removeprefix(b"5.5.5-"))[1:-1]


def _judge_error(answer: bytes, attempt: Attempt, version: str) -> None:
    number, text = int.from_bytes(answer[1:3], "little"), answer[3:]
    state = b""
    if text[:1] == b"#":
        state, text = text[1:6], text[6:]
    if state != _DENIED and number not in _NOT_US:
        raise Unexpected(f"refused with error {number}: {quoted_bytes(text)}")
    attempt.found = f"{version}in service, login refused: {quoted_bytes(text)}"
