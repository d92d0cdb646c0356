"""Running one check against a server of the test's own, on the loopback interface."""

import asyncio
from collections.abc import Awaitable, Callable
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from app.host.probes.kinds.program import Programs
from app.host.probes.prober import Prober
from app.lvs.checks.check import Check, Result
from app.lvs.model.check_kinds import CheckKind, ProbeKind

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
NOWHERE = Path("/nonexistent")


def check(port: int, kind: ProbeKind = CheckKind.SEND, **more: Any) -> Check:
    """Return a check of 127.0.0.1."""
    values: dict[str, Any] = {"address": ip_address("127.0.0.1"), "interval_s": 1, "limit_s": 1, **more}
    return Check(kind=kind, port=port, **values)


def prober(directory: Path = NOWHERE) -> Prober:
    return Prober(Programs(directory, "nobody"))


def ask(check: Check, directory: Path = NOWHERE) -> Result:
    """Run one check once."""
    return asyncio.run(prober(directory).run(check))


def ask_server(handler: Handler, **more: Any) -> Result:
    """Serve `handler` and run a check against it."""

    async def both() -> Result:
        async with serving(handler) as port:
            return await prober().run(check(port, **more))

    return asyncio.run(both())


class serving:
    """A TCP server on the loopback interface for as long as the block lasts; connections left open are cut."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> int:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, backlog=1024)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._handle(reader, writer))
        self._tasks.add(task)

    async def _handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._handler(reader, writer)
        except ConnectionError:
            pass
        finally:
            writer.transport.abort()
