"""The servers of `bench.checks`, in a separate process: three healthy kinds, and nine that fail.

`python -m bench.servers` prints the port of each as one line of JSON and serves on every loopback address until
its standard input ends.
"""

import asyncio
import datetime
import gc
import json
import socket
import ssl
import sys
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import ExitStack, suppress
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from app.pulse.process.limits import allow_all_descriptors

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
FLOOD = b"x" * 65_536
PAGE = b"HTTP/1.0 200 OK\r\n\r\nhello\n"
RESET_ON_CLOSE = b"\x01\0\0\0\0\0\0\0"


async def well(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer as a web server does."""
    await reader.readuntil(b"\r\n\r\n")
    writer.write(PAGE)
    await writer.drain()


async def taking(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Accept the connection, which is all the check requires."""


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Accept the connection and stay silent."""
    await reader.read()


async def a_byte_a_second(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send the right answer too slowly."""
    for byte in PAGE:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(1)


async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Begin a correct answer and never end it."""
    writer.write(PAGE[:-6])
    while True:
        writer.write(FLOOD)
        await writer.drain()


async def hundred_megabytes(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send 100 MB, without a line in them."""
    for _ in range(100 * 2**20 // len(FLOOD)):
        writer.write(FLOOD)
        await writer.drain()


async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Reset the connection half-way through the answer."""
    await reader.readuntil(b"\r\n\r\n")
    writer.write(PAGE[:12])
    await writer.drain()
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)


async def stalled_tls(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Begin the TLS handshake, and stop."""
    await reader.read(1)
    writer.write(b"\x16\x03\x03\x40\x00\x02")
    await reader.read()


async def invalid_utf8(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer with bytes that are not text."""
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.0 200 \xff\xfe\r\n\r\n\xff\xfe\xc3(\0\x1b[2J")
    await writer.drain()


HANDLERS: dict[str, Handler] = {
    "take": taking,
    "page": well,
    "page over TLS": well,
    "silent": silent,
    "a byte a second": a_byte_a_second,
    "endless": endless,
    "100 MB": hundred_megabytes,
    "reset half-way": reset,
    "TLS stalled": stalled_tls,
    "invalid UTF-8": invalid_utf8,
}


async def serve() -> None:
    """Listen, print the ports, and serve until standard input ends."""
    # Reset connections are expected here.
    asyncio.get_running_loop().set_exception_handler(lambda *_: None)
    with ExitStack() as stack:
        ports = {"refused": _unheard(stack), "SYN dropped": _full(stack)}
        for name, handler in HANDLERS.items():
            context = _context() if name == "page over TLS" else None
            server = await asyncio.start_server(_once(handler), "0.0.0.0", 0, backlog=4096, ssl=context)
            ports[name] = server.sockets[0].getsockname()[1]
        print(json.dumps(ports), flush=True)
        gc.freeze()
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


def _once(handler: Handler) -> Handler:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, TimeoutError, ssl.SSLError):
                await handler(reader, writer)
        finally:
            writer.close()

    return handle


def _unheard(stack: ExitStack) -> int:
    """Return a bound port without a listener: it refuses connections."""
    taken = stack.enter_context(socket.socket())
    taken.bind(("0.0.0.0", 0))
    port: int = taken.getsockname()[1]
    return port


def _full(stack: ExitStack) -> int:
    """Return a port whose backlog is full: the kernel silently drops further SYN packets."""
    listener = stack.enter_context(socket.socket())
    listener.bind(("0.0.0.0", 0))
    listener.listen(0)
    port: int = listener.getsockname()[1]
    for _ in range(4):
        waiting = stack.enter_context(socket.socket())
        waiting.setblocking(False)
        waiting.connect_ex(("127.0.0.1", port))
    return port


def _context() -> ssl.SSLContext:
    """Return the TLS context of a server with a self-signed certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "bench")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    pem = serialization.Encoding.PEM
    with tempfile.NamedTemporaryFile() as file:
        file.write(certificate.public_bytes(pem))
        file.write(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
        file.flush()
        context.load_cert_chain(file.name)
    return context


if __name__ == "__main__":
    allow_all_descriptors()
    asyncio.run(serve())
