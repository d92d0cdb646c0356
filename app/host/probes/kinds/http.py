"""HTTP and HTTPS: requests a page and checks its status and, if set, its text. Does not follow redirects."""

import asyncio
import base64
import re

from app.host.probes.transport.attempt import Attempt, CannotAsk, Unexpected
from app.host.probes.transport.sockets import target
from app.host.probes.transport.streams import READ_MAX, Stream, streamed
from app.lvs.checks.check import Check, HttpRequest
from app.lvs.checks.expect import PatternRefused, compared_max, is_in_body, quoted_bytes

_USUAL = {"user-agent": "User-Agent: palometa", "accept": "Accept: */*"}
_STATUS = re.compile(rb"HTTP/1\.[01] ([0-9]{3})[ \r\n]")


async def probe(check: Check, attempt: Attempt) -> None:
    """Send the request, and require one of the accepted statuses and the expected text."""
    request = check.http
    if request is None:
        raise CannotAsk("the check has no request")
    attempt.doing = f"{'HTTPS' if check.tls else 'HTTP'} {request.method} {request.path} from {target(check)}"
    async with streamed(check, attempt) as stream:
        # Headers may contain a token or a login.
        await stream.send(_request(request, check), shown_as=_first_lines(request, check))
        await _judge(check, request, stream, attempt)


async def _judge(check: Check, request: HttpRequest, stream: Stream, attempt: Attempt) -> None:
    answer = await _read(stream, until=b"\n")
    status = _STATUS.match(answer)
    if status is None:
        shown = quoted_bytes(answer[: compared_max(check)])
        raise Unexpected(f"answered {shown}, which is not HTTP" if answer else "closed without an answer")
    number = int(status[1])
    if not any(low <= number <= high for low, high in request.statuses):
        raise Unexpected(f"status {number}")
    attempt.found = f"status {number}"
    if not check.expect:
        return
    body = (answer + await _read(stream)).partition(b"\r\n\r\n")[2]
    try:
        # In a thread: expression and page may be long, and RE2 releases the loop meanwhile.
        if not (await asyncio.to_thread(is_in_body, check, body) if check.use_regex else is_in_body(check, body)):
            raise Unexpected(
                f"status {number}, but {quoted_bytes(check.expect)} not found in the first {len(body)} bytes"
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


def _request(request: HttpRequest, check: Check) -> bytes:
    lines = [_first_lines(request, check).decode("ascii"), *(f"{header}\r\n" for header in request.headers)]
    if check.login is not None:
        login = base64.b64encode(f"{check.login.user}:{check.login.password}".encode()).decode("ascii")
        lines.append(f"Authorization: Basic {login}\r\n")
    return "".join((*lines, "\r\n")).encode()


def _first_lines(request: HttpRequest, check: Check) -> bytes:
    own = {header.partition(":")[0].lower() for header in request.headers}
    # HTTP/1.0 with a host: the response is not chunked, and the server closes the connection.
    lines = (
        f"{request.method} {request.path} HTTP/1.0",
        f"Host: {request.host or target(check)}",
        *(line for name, line in _USUAL.items() if name not in own),
        "Connection: close",
    )
    return "".join(f"{line}\r\n" for line in lines).encode("ascii")
