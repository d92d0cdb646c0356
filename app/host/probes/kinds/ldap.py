"""LDAP: binds, anonymously without a login, and reads one entry, without its attributes."""

from app.host.probes.transport.attempt import Attempt, Unexpected
from app.host.probes.transport.ber import Unreadable, element, elements, length_at
from app.host.probes.transport.sockets import target
from app.host.probes.transport.streams import READ_MAX, Stream, streamed
from app.lvs.checks.check import Check, Login
from app.lvs.checks.expect import quoted_bytes

# Tags of RFC 4511.
_MESSAGE, _INTEGER, _BOOLEAN, _TEXT, _CHOICE = 0x30, 0x02, 0x01, 0x04, 0x0A
_BIND, _BOUND, _UNBIND, _SIMPLE = 0x60, 0x61, 0x42, 0x80
_SEARCH, _ENTRY, _SEARCHED, _PRESENT, _NOTICE = 0x63, 0x64, 0x65, 0x87, 0x78
_MESSAGES_MAX = 100
_WORDS = {
    1: "operations error",
    2: "protocol error",
    3: "time limit exceeded",
    7: "this authentication method is not supported",
    8: "stronger authentication is required",
    10: "the entry is on another server",
    13: "TLS is required",
    32: "there is no such entry",
    34: "the name is malformed",
    48: "this authentication is not allowed",
    49: "wrong user or password",
    50: "insufficient access rights",
    51: "busy",
    52: "unavailable",
    53: "unwilling to perform",
    80: "other error",
}


async def probe(check: Check, attempt: Attempt) -> None:
    """Require success of the bind and of the search for the entry (blank: the root) itself."""
    protocol, entry = ("LDAPS" if check.tls else "LDAP"), check.name or "the root"
    login = check.login or Login("")
    attempt.doing = f"{protocol} bind to {target(check)} as {login.user or 'anonymous'}"
    async with streamed(check, attempt) as stream:
        await stream.send(_bind(login), shown_as=_bind(Login(login.user)))
        await _require(stream, _BOUND)
        attempt.doing = f"{protocol} search for {entry} in {target(check)}"
        await stream.send(_search(check.name))
        has_entry = await _require(stream, _SEARCHED)
        if check.name and not has_entry:
            raise Unexpected("no entry returned: not readable with this login")
        attempt.found = "found"
        await stream.send(_message(3, element(_UNBIND)))


async def _require(stream: Stream, wanted: int) -> bool:
    """Require a successful result with the tag `wanted`; return whether an entry came before it."""
    has_entry = False
    for _ in range(_MESSAGES_MAX):
        tag, content = await _answer(stream)
        if tag in (wanted, _NOTICE):
            _require_success(content)
        if tag == wanted:
            return has_entry
        has_entry |= tag == _ENTRY
    raise Unexpected(f"sent {_MESSAGES_MAX} messages without a result")


async def _answer(stream: Stream) -> tuple[int, bytes]:
    """Return the tag and content of the operation in the next message."""
    data = await stream.exactly(2)
    try:
        if data[0] != _MESSAGE:
            raise Unreadable
        if data[1] > 0x80:
            data += await stream.exactly(data[1] & 0x7F)
        size, _ = length_at(data, 1)
        if not 0 < size <= READ_MAX:
            raise Unreadable
        content = await stream.exactly(size)
        data += content
        _, operation, *_ = elements(content)
    except (Unreadable, ValueError) as error:
        raise Unexpected(f"answered {quoted_bytes(data)}, which is not LDAP") from error
    return operation


def _require_success(content: bytes) -> None:
    try:
        (kind, code), _, (_, text), *_ = elements(content)
        if kind != _CHOICE:
            raise Unreadable
    except (Unreadable, ValueError) as error:
        raise Unexpected(f"answered {quoted_bytes(content)}, which is not a result") from error
    number = int.from_bytes(code, "big")
    if number:
        detail = f", {quoted_bytes(text)}" if text else ""
        raise Unexpected(f"result {number}, {_WORDS.get(number, 'failed')}{detail}")


def _bind(login: Login) -> bytes:
    name, password = element(_TEXT, login.user.encode()), element(_SIMPLE, login.password.encode())
    return _message(1, element(_BIND, element(_INTEGER, b"\x03"), name, password))


def _search(name: str) -> bytes:
    base_only = never_dereferenced = element(_CHOICE, b"\0")
    one_entry, no_limit = element(_INTEGER, b"\x01"), element(_INTEGER, b"\0")
    of_any_class, no_attributes = element(_PRESENT, b"objectClass"), element(_MESSAGE, element(_TEXT, b"1.1"))
    limits = (base_only, never_dereferenced, one_entry, no_limit, element(_BOOLEAN, b"\0"))
    return _message(2, element(_SEARCH, element(_TEXT, name.encode()), *limits, of_any_class, no_attributes))


def _message(number: int, operation: bytes) -> bytes:
    return element(_MESSAGE, element(_INTEGER, bytes([number])), operation)
