"""HTTP and HTTPS: requests a page and checks its status and, if set, its text. Does not follow redirects."""

import asyncio
import base64

from app.host.probes.transport.attempt import Attempt, CannotAsk, Unexpected
from app.host.probes.transport.http_answer import HttpAnswer
from app.host.probes.transport.sockets import target
from app.host.probes.transport.streams import Stream, streamed
from app.lvs.checks.check import Check, HttpRequest
from app.lvs.checks.expect import ANYTHING, PatternRefused, is_in_body, quoted_bytes

_USUAL = {"user-agent": "User-Agent: palometa", "accept": "Accept: */*"}


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
    answer = HttpAnswer(has_body=request.method != "HEAD")
    while answer.status is None:
        await _read_more(stream, answer)
    if not any(low <= answer.status <= high for low, high in request.statuses):
        raise Unexpected(f"status {answer.status}")
    attempt.found = f"status {answer.status}"
    if not check.expect or check.expect == ANYTHING:
        return
    try:
        await _require_text(check, stream, answer)
    except PatternRefused as refused:
        raise Unexpected(str(refused)) from refused


async def _require_text(check: Check, stream: Stream, answer: HttpAnswer) -> None:
    """Read until the expected text has come, and no further: how the answer ends then does not matter."""
    expected, searched, cut = check.expect or b"", 0, None
    while True:
        # An expression may match the end of the page, so it waits for it.
        if not check.use_regex and answer.body.find(expected, max(0, searched - len(expected))) >= 0:
            return
        searched = len(answer.body)
        if answer.is_whole:
            break
        try:
            await _read_more(stream, answer)
        except (ConnectionError, Unexpected) as error:
            cut = error
            break
    body = bytes(answer.body)
    # In a thread: expression and page may be long, and RE2 releases the loop meanwhile.
    if check.use_regex and await asyncio.to_thread(is_in_body, check, body):
        return
    raise cut or Unexpected(
        f"status {answer.status}, but {quoted_bytes(expected)} not found in the first {len(body)} bytes"
    )


async def _read_more(stream: Stream, answer: HttpAnswer) -> None:
    """Read the next piece of `answer`; raise Unexpected if it ends before its end."""
    data = await stream.some()
    if data:
        answer.feed(data)
    elif missing := answer.end():
        raise Unexpected(missing)


def _request(request: HttpRequest, check: Check) -> bytes:
    lines = [_first_lines(request, check).decode("ascii"), *(f"{header}\r\n" for header in request.headers)]
    if check.login is not None:
        login = base64.b64encode(f"{check.login.user}:{check.login.password}".encode()).decode("ascii")
        lines.append(f"Authorization: Basic {login}\r\n")
    return "".join((*lines, "\r\n")).encode()


def _first_lines(request: HttpRequest, check: Check) -> bytes:
    own = {header.partition(":")[0].lower() for header in request.headers}
    # As every client today: some servers and proxies refuse HTTP/1.0.
    lines = (
        f"{request.method} {request.path} HTTP/1.1",
        f"Host: {request.host or target(check)}",
        *(line for name, line in _USUAL.items() if name not in own),
        "Connection: close",
    )
    return "".join(f"{line}\r\n" for line in lines).encode("ascii")
