"""Servers that say their lines, one for each time they are spoken to."""

import asyncio

from app.lvs.checks.check import Result
from app.lvs.model.check_kinds import CheckKind
from tests.host.probes.asking import check, prober
from tests.tcp_server import serving


def spoken(kind: CheckKind, *lines: bytes, **more: object) -> tuple[Result, list[bytes]]:
    """Check a server that says the first of `lines` at once; return the result, and what was said to the server.

    An empty line says nothing. After the last the server listens until the other side hangs up.
    """
    heard: list[bytes] = []

    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            for number, line in enumerate(lines):
                if number:
                    heard.append(await reader.read(4096))
                writer.write(line)
                await writer.drain()
            heard.append(await reader.read())
        finally:
            is_over.set()

    async def both() -> Result:
        async with serving(speak) as port:
            result = await prober().run(check(port, kind, **more))
            async with asyncio.timeout(5):
                await is_over.wait()
            return result

    is_over = asyncio.Event()
    return asyncio.run(both()), heard
