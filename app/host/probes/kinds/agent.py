"""A load agent: accepts a connection and sends one line in the format of HAProxy's agent-check."""

import re

from app.host.probes.transport.attempt import Attempt, Unexpected
from app.host.probes.transport.sockets import target
from app.host.probes.transport.streams import Stream, streamed
from app.lvs.checks.check import Check
from app.lvs.checks.expect import quoted_bytes
from app.lvs.model.printable import plain

LINE_MAX = 1024
"""The longest line that is accepted, in bytes."""
_END = re.compile(rb"[\r\n]")


async def probe(check: Check, attempt: Attempt) -> None:
    """Connect and keep the first line of the answer, which ends with the connection at the latest."""
    attempt.doing = f"load agent at {target(check)}"
    async with streamed(check, attempt) as stream:
        line = (await _first_line(stream)).strip()
    if not line:
        raise Unexpected("sent nothing")
    attempt.agent_line = plain(line.decode("utf-8", "replace"))
    attempt.found = f"answered {quoted_bytes(line)}"


async def _first_line(stream: Stream) -> bytes:
    line = b""
    while len(line) <= LINE_MAX:
        try:
            data = await stream.some(LINE_MAX + 1 - len(line))
        except ConnectionError:
            if not line:
                raise
            data = b""
        line += data
        ended = _END.search(line)
        if ended is not None:
            return line[: ended.start()]
        if not data:
            return line
    raise Unexpected(f"answered {quoted_bytes(line)} and more: a line may have at most {LINE_MAX} bytes")
