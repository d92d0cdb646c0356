"""The relay to the page inside the guest."""

import asyncio
import socket
import subprocess
import sys
from contextlib import ExitStack

from lab.inside import CLONE
from lab.relay import serve
from tests.tcp_server import serving


def test_it_relays_both_directions_and_both_ends() -> None:
    async def talk() -> bytes:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"heard " + await reader.read())
            await writer.drain()
            writer.write_eof()

        listener = socket.create_server(("127.0.0.1", 0))
        async with serving(answer) as port:
            relay = asyncio.create_task(serve(listener, "127.0.0.1", port))
            reader, writer = await asyncio.open_connection(*listener.getsockname())
            writer.write(b"hello")
            writer.write_eof()
            heard = await reader.read()
            writer.close()
            relay.cancel()
        return heard

    assert asyncio.run(asyncio.wait_for(talk(), 30)) == b"heard hello"


def test_if_the_page_does_not_answer_yet_only_the_connection_ends() -> None:
    async def talk() -> list[bytes]:
        closed = socket.create_server(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        closed.close()
        listener = socket.create_server(("127.0.0.1", 0))
        relay = asyncio.create_task(serve(listener, "127.0.0.1", port))
        heard = []
        for _ in range(2):
            reader, writer = await asyncio.open_connection(*listener.getsockname())
            heard.append(await reader.read())
            writer.close()
        relay.cancel()
        return heard

    assert asyncio.run(asyncio.wait_for(talk(), 30)) == [b"", b""]


def test_one_relay_serves_the_pages_of_two_routers() -> None:
    with ExitStack() as stack:
        pages = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(2)]
        listeners = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(2)]
        command = [sys.executable, "-m", "lab.relay"]
        for listener, page in zip(listeners, pages, strict=True):
            command += [str(listener.fileno()), *map(str, page.getsockname())]
        relay = subprocess.Popen(command, pass_fds=[listener.fileno() for listener in listeners], cwd=CLONE)
        stack.callback(relay.wait)
        stack.callback(relay.terminate)
        for number in (1, 0):
            with socket.create_connection(listeners[number].getsockname(), timeout=30) as browser:
                browser.sendall(b"hello %d" % number)
                pages[number].settimeout(30)
                with pages[number].accept()[0] as heard:
                    assert heard.recv(100) == b"hello %d" % number
