"""RADIUS: a server reports its status (RFC 5997), or accepts a login with a password (RFC 2865, PAP)."""

import hashlib
import hmac
import os
import socket
import struct
from dataclasses import dataclass, field
from functools import partial

from app.host.probes.transport.attempt import Attempt, CannotAsk, Unexpected
from app.host.probes.transport.datagrams import answer_to
from app.host.probes.transport.sockets import connected, target
from app.lvs.checks.check import Check, Login
from app.lvs.checks.expect import quoted_bytes
from app.lvs.model.printable import plain

ACCESS_REQUEST, ACCESS_ACCEPT, ACCESS_REJECT, ACCOUNTING_RESPONSE, ACCESS_CHALLENGE = 1, 2, 3, 5, 11
STATUS_SERVER = 12
USER_NAME, USER_PASSWORD, REPLY_MESSAGE, NAS_IDENTIFIER, MESSAGE_AUTHENTICATOR = 1, 2, 18, 32, 80
_WORDS = {
    ACCESS_ACCEPT: "Access-Accept",
    ACCESS_REJECT: "Access-Reject",
    ACCOUNTING_RESPONSE: "Accounting-Response",
    ACCESS_CHALLENGE: "Access-Challenge",
}
_HEADER = struct.Struct("!BBH16s")
_NAME_MAX = 253
_PASSWORD_MAX = 128


@dataclass(frozen=True, slots=True)
class Request:
    """What identifies the answer to a request."""

    code: int
    number: int
    authenticator: bytes
    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class RadiusAnswer:
    """A server's answer, authenticated with the shared secret."""

    code: int
    reply_message: bytes


async def probe(check: Check, attempt: Attempt) -> None:
    """Require that the login is accepted; without one, that Status-Server is answered."""
    _require_askable(check)
    code = STATUS_SERVER if check.login is None else ACCESS_REQUEST
    request = Request(code, os.urandom(1)[0], os.urandom(16), check.secret)
    query = "Status-Server" if check.login is None else f"Access-Request for {plain(check.login.user)}"
    attempt.doing = f"RADIUS {query} to {target(check)}"
    async with connected(check, socket.SOCK_DGRAM, attempt) as connection:
        answer = await answer_to(
            packed(request, check.login),
            connection,
            attempt,
            partial(read, request),
            ignored="received only packets not signed with the shared secret",
            # It contains the password, only weakly encrypted.
            shown_as=query.encode(),
        )
    attempt.found = require_healthy(request, answer)


def packed(request: Request, login: Login | None) -> bytes:
    """Return the packet of `request`; the Message-Authenticator, which signs it, stands first."""
    attributes = _attribute(NAS_IDENTIFIER, b"palometa")
    if login is not None:
        attributes += _attribute(USER_NAME, login.user.encode())
        attributes += _attribute(USER_PASSWORD, hidden(login.password.encode(), request))
    unsigned = _attribute(MESSAGE_AUTHENTICATOR, bytes(16))
    size = _HEADER.size + len(unsigned) + len(attributes)
    header = _HEADER.pack(request.code, request.number, size, request.authenticator)
    signature = _signature(request.secret, header + unsigned + attributes)
    return header + _attribute(MESSAGE_AUTHENTICATOR, signature) + attributes


def hidden(password: bytes, request: Request) -> bytes:
    """Return `password` as a User-Password: padded, and each 16 bytes XORed with a digest (RFC 2865, 5.2)."""
    padded = password.ljust(max(16, -(-len(password) // 16) * 16), b"\0")
    out = b""
    key = request.authenticator
    for at in range(0, len(padded), 16):
        digest = _md5(request.secret + key)
        key = bytes(byte ^ other for byte, other in zip(padded[at : at + 16], digest, strict=True))
        out += key
    return out


def read(request: Request, data: bytes) -> RadiusAnswer | None:
    """Return the answer to `request` in `data`; None for anything else, or without the shared secret."""
    if len(data) < _HEADER.size:
        return None
    code, number, size, authenticator = _HEADER.unpack_from(data)
    if number != request.number or not _HEADER.size <= size <= len(data):
        return None
    # Bytes beyond the stated length are padding.
    content = data[_HEADER.size : size]
    header = _HEADER.pack(code, number, size, request.authenticator)
    if not hmac.compare_digest(_md5(header + content + request.secret), authenticator):
        return None
    reply_message = b""
    at = 0
    while at < len(content):
        kind, length = content[at], content[at + 1] if at + 1 < len(content) else 0
        value = content[at + 2 : at + length]
        if length < 2 or len(value) != length - 2:
            return None
        if kind == REPLY_MESSAGE:
            reply_message += value
        if kind == MESSAGE_AUTHENTICATOR:
            unsigned = content[: at + 2] + bytes(len(value)) + content[at + length :]
            if not hmac.compare_digest(_signature(request.secret, header + unsigned), value):
                return None
        at += length
    return RadiusAnswer(code, reply_message)


def require_healthy(request: Request, answer: RadiusAnswer) -> str:
    """Return what a healthy `answer` says; raise Unexpected for any other."""
    word = _WORDS.get(answer.code, f"code {answer.code}")
    words = f"answered {word}" + (f", {quoted_bytes(answer.reply_message)}" if answer.reply_message else "")
    healthy = {ACCESS_ACCEPT} if request.code == ACCESS_REQUEST else {ACCESS_ACCEPT, ACCOUNTING_RESPONSE}
    if answer.code in healthy:
        return words
    if answer.code == ACCESS_CHALLENGE:
        raise Unexpected(f"{words}: this user needs more than a password")
    raise Unexpected(words)


def _require_askable(check: Check) -> None:
    if not check.secret:
        raise CannotAsk("RADIUS requires a shared secret: set it")
    if check.login is None:
        return
    if not 1 <= len(check.login.user.encode()) <= _NAME_MAX:
        raise CannotAsk(f"RADIUS accepts user names of 1 to {_NAME_MAX} bytes: set another User")
    if len(check.login.password.encode()) > _PASSWORD_MAX:
        raise CannotAsk(f"RADIUS accepts passwords of at most {_PASSWORD_MAX} bytes: set another Password")


def _attribute(kind: int, value: bytes) -> bytes:
    return bytes([kind, len(value) + 2]) + value


def _signature(secret: bytes, packet: bytes) -> bytes:
    return hmac.digest(secret, packet, "md5")


def _md5(data: bytes) -> bytes:
    # The protocol's choice, not ours.
    return hashlib.md5(data, usedforsecurity=False).digest()
