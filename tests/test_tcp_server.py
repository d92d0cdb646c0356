"""The server of the tests leaves nothing open, wherever a connection is when it ends."""

import asyncio
import gc
import socket
import sys

import pytest

from tests.tcp_server import serving


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()


@pytest.mark.parametrize("turns", range(8))
def test_a_connection_made_as_it_ends_is_closed(turns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    left_open: list[str] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda found: left_open.append(str(found.exc_value)))

    async def story() -> None:
        async with serving(answer) as port:
            with socket.socket() as client:
                client.setblocking(False)
                client.connect_ex(("127.0.0.1", port))
                for _ in range(turns):
                    await asyncio.sleep(0)

    asyncio.run(story())
    gc.collect()
    assert left_open == []
