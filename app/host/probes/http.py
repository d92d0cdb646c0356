"""HTTP and HTTPS: asks for a page and looks at its status and, if wanted, its text. Follows no redirect."""

import asyncio
import re
import socket
import ssl
from functools import lru_cache
from typing import Any

from app.host.probes.attempt import Attempt, CannotAsk, Unexpected
from app.host.probes.sockets import connected, target
from app.lvs.check import Check, HttpQuestion
from app.lvs.expectation import PatternRefused, is_in_body, shown

ANSWER_MAX = 65_536
"""The most of an answer that is read, in bytes."""
_STATUS = re.compile(rb"HTTP/1\.[01] ([0-9]{3})[ \r\n]")


async def probe(check: Check, attempt: Attempt) -> None:
    """Ask, and require one of the wanted statuses and the expected text."""
    question = check.http
    if question is None:
        raise CannotAsk("nothing is said of what to ask for")
    attempt.doing = f"{'HTTPS' if question.is_tls else 'HTTP'} GET {question.path} from {target(check)}"
    async with connected(check, socket.SOCK_STREAM, attempt) as connection:
        try:
            await _ask(check, question, connection, attempt)
        except ssl.SSLError as error:
            raise Unexpected(f"TLS failed: {_reason(error)}") from error


async def _ask(check: Check, question: HttpQuestion, connection: socket.socket, attempt: Attempt) -> None:
    reader, writer = await asyncio.open_connection(sock=connection, limit=ANSWER_MAX, **_tls(question, check))
    try:
        writer.write(_request(question, check))
        await _judge(check, question, reader, attempt)
    finally:
        writer.transport.abort()


async def _judge(check: Check, question: HttpQuestion, reader: asyncio.StreamReader, attempt: Attempt) -> None:
    answer = await _read(reader, until=b"\n")
    status = _STATUS.match(answer)
    if status is None:
        raise Unexpected(f"answered {shown(answer)}, which is not HTTP" if answer else "closed without an answer")
    number = int(status[1])
    if not any(low <= number <= high for low, high in question.statuses):
        raise Unexpected(f"status {number}")
    attempt.found = f"status {number}"
    if not check.expect:
        return
    body = (answer + await _read(reader)).partition(b"\r\n\r\n")[2]
    try:
        if not is_in_body(check, body):
            raise Unexpected(f"status {number}, but no {shown(check.expect)} in the first {len(body)} bytes")
    except PatternRefused as refused:
        raise Unexpected(str(refused)) from refused


async def _read(reader: asyncio.StreamReader, until: bytes = b"") -> bytes:
    """Read to the end, or to `until`, and no more than ANSWER_MAX bytes."""
    answer = bytearray()
    while len(answer) < ANSWER_MAX and not (until and until in answer):
        data = await reader.read(ANSWER_MAX - len(answer))
        if not data:
            break
        answer += data
    return bytes(answer)


def _request(question: HttpQuestion, check: Check) -> bytes:
    # 1.0 with a host: the answer comes in one piece, and the server hangs up.
    lines = (
        f"GET {question.path} HTTP/1.0",
        f"Host: {question.host or target(check)}",
        "User-Agent: palometa",
        "Accept: */*",
        "Connection: close",
    )
    return "".join(f"{line}\r\n" for line in (*lines, "")).encode("ascii")


def _tls(question: HttpQuestion, check: Check) -> dict[str, Any]:
    if not question.is_tls:
        return {}
    name = question.host.partition(":")[0] or str(check.address)
    return {"ssl": _context(question.is_verified), "server_hostname": name, "ssl_shutdown_timeout": 1.0}


@lru_cache(maxsize=2)
def _context(is_verified: bool) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if not is_verified:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _reason(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"certificate refused, {error.verify_message}"
    return (error.reason or str(error)).lower().replace("_", " ")
