"""Servers as they should not be: each a handler of a connection, or a listener that takes none."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

FLOOD = b"x" * 65_536


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Accept, and never say a word."""
    await reader.read()
    await asyncio.Event().wait()


async def a_byte_a_second(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send the right answer so slowly that it never comes."""
    for byte in b"HTTP/1.0 200 OK":
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(1)


async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send for ever."""
    while True:
        writer.write(FLOOD)
        await writer.drain()


async def hundred_megabytes(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send a banner of 100 MB."""
    for _ in range(100 * 2**20 // len(FLOOD)):
        writer.write(FLOOD)
        await writer.drain()


async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Reset the connection half-way: what was asked has been read, no answer has been sent."""
    await reader.read(1)
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
    writer.transport.abort()


async def reset_half_way(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Reset the connection in the middle of the answer."""
    await reader.read(1)
    writer.write(b"HTTP/1.0 20")
    await writer.drain()
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")


async def stalled_tls(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Begin the answer to a TLS greeting, and stop."""
    await reader.read(1)
    writer.write(b"\x16\x03\x03\x40\x00\x02")
    await asyncio.Event().wait()


async def invalid_utf8(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer with bytes that are no text."""
    writer.write(b"\xff\xfe\xc3(\0\x1b[2J")
    await writer.drain()


async def closing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Hang up at once."""


async def closing_when_asked(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Hear the question out, and hang up."""
    await reader.readuntil(b"\r\n\r\n")


async def well(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer as a web server does."""
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.0 200 OK\r\n\r\nhello\n")
    await writer.drain()


@contextmanager
def dropping_syns() -> Iterator[int]:
    """Yield a port whose queue of connections is full, so that the kernel drops what else comes."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        address = listener.getsockname()
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(address)
        yield address[1]
