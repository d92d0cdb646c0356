"""HTTP and HTTPS: asks for a page and looks at its status and, if wanted, its text. Follows no redirect."""

import asyncio
import base64
import re

from app.host.probes.transport.attempt import Attempt, CannotAsk, Unexpected
from app.host.probes.transport.sockets import target
from app.host.probes.transport.streams import READ_MAX, Stream, streamed
from app.lvs.checks.check import Check, HttpQuestion
from app.lvs.checks.expect import PatternRefused, is_in_body, quoted_bytes

_USUAL = {"user-agent": "User-Agent: palometa", "accept": "Accept: */*"}
_STATUS = re.compile(rb"HTTP/1\.[01] ([0-9]{3})[ \r\n]")


async def probe(check: Check, attempt: Attempt) -> None:
    """Ask, and require one of the wanted statuses and the expected text."""
    question = check.http
    if question is None:
        raise CannotAsk("nothing is said of what to ask for")
    attempt.doing = f"{'HTTPS' if check.tls else 'HTTP'} {question.method} {question.path} from {target(check)}"
    async with streamed(check, attempt) as stream:
        # Headers may hold a token, and a login is in one.
        await stream.send(_request(question, check), shown_as=_first_lines(question, check))
        await _judge(check, question, stream, attempt)


async def _judge(check: Check, question: HttpQuestion, stream: Stream, attempt: Attempt) -> None:
    answer = await _read(stream, until=b"\n")
    status = _STATUS.match(answer)
    if status is None:
        raise Unexpected(
            f"answered {quoted_bytes(answer)}, which is not HTTP" if answer else "closed without an answer"
        )
    number = int(status[1])
    if not any(low <= number <= high for low, high in question.statuses):
        raise Unexpected(f"status {number}")
    attempt.found = f"status {number}"
    if not check.expect:
        return
    body = (answer + await _read(stream)).partition(b"\r\n\r\n")[2]
    try:
        # A thread: an expression may be long and the page too, and RE2 lets the loop run meanwhile.
        if not (await asyncio.to_thread(is_in_body, check, body) if check.use_regex else is_in_body(check, body)):
            raise Unexpected(
                f"status {number}, but no {quoted_bytes(check.expect)} in the first {len(body)} bytes"
            )
    except PatternRefused as refused:
        raise Unexpected(str(refused)) from refused


async def _read(stream: Stream, until: bytes = b"") -> bytes:
    """Read to the end, or to `until`, and no more than READ_MAX bytes."""
    answer = bytearray()
    while len(answer) < READ_MAX and not (until and until in answer):
        data = await stream.some(READ_MAX - len(answer))
        if not data:
            break
        answer += data
    return bytes(answer)


def _request(question: HttpQuestion, check: Check) -> bytes:
    lines = [_first_lines(question, check).decode("ascii"), *(f"{header}\r\n" for header in question.headers)]
    if check.login is not None:
        login = base64.b64encode(f"{check.login.user}:{check.login.password}".encode()).decode("ascii")
        lines.append(f"Authorization: Basic {login}\r\n")
    return "".join((*lines, "\r\n")).encode()


def _first_lines(question: HttpQuestion, check: Check) -> bytes:
    own = {header.partition(":")[0].lower() for header in question.headers}
    # 1.0 with a host: the answer comes in one piece, and the server hangs up.
    lines = (
        f"{question.method} {question.path} HTTP/1.0",
        f"Host: {question.host or target(check)}",
        *(line for name, line in _USUAL.items() if name not in own),
        "Connection: close",
    )
    return "".join(f"{line}\r\n" for line in lines).encode("ascii")
