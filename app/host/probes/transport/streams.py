"""Streams of checks: a TCP connection, with TLS if requested, read in bounded pieces."""

import asyncio
import datetime
import os
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import lru_cache
from typing import Any

from cryptography import x509

from app.host.probes.transport.attempt import Attempt, Unexpected
from app.host.probes.transport.failure_text import describe_error
from app.host.probes.transport.sockets import connected
from app.lvs.checks.check import Check, TlsSettings
from app.lvs.checks.expect import quoted_bytes

READ_MAX = 65_536
"""The most of an answer that is read, in bytes."""
_OLD_VERSIONS = {"SSLv3": "SSL 3.0", "TLSv1": "TLS 1.0", "TLSv1.1": "TLS 1.1"}
# SSL_OP_LEGACY_SERVER_CONNECT of OpenSSL, which Python names from 3.12 on: a server without RFC 5746.
_LEGACY_SERVER_CONNECT = 0x4
_DAY_S = 86_400
_LEAVE_S = 1.0
"""How long the answer to a last word is waited for, up to a quarter of the limit."""


class _Reader(asyncio.StreamReader):
    """Ends with a failure of the connection only after all that came before it has been read.

    asyncio's own reader raises at once, and a server that answers and then resets the connection would have
    answered in some rounds and not in others.
    """

    failure: Exception | None = None

    def set_exception(self, exc: Exception) -> None:
        """Keep `exc` for who reads on after the end."""
        self.failure = exc
        self.feed_eof()


class Stream:
    """A connection of a check; all data is recorded in the attempt.

    Whatever the server sent before it closed or reset the connection can be read; only reading on raises OSError.
    """

    def __init__(self, reader: _Reader, writer: asyncio.StreamWriter, attempt: Attempt) -> None:
        self._reader = reader
        self._writer = writer
        self._attempt = attempt

    async def send(self, data: bytes, shown_as: bytes | None = None) -> None:
        """Send `data`; `shown_as` replaces it in the trace, as for a password.

        That the server has hung up is no failure yet: it may have answered before, which only reading shows.
        """
        self._attempt.note_bytes("sent", data if shown_as is None else shown_as)
        with suppress(ConnectionError):
            self._writer.write(data)
            await self._writer.drain()

    async def take_leave(self, data: bytes) -> None:
        """Send the last word, and give the server a moment to answer it; whether it does so does not matter."""
        await self.send(data)
        # Without waiting, the server would log a lost connection.
        with suppress(TimeoutError, OSError):
            async with asyncio.timeout(min(_LEAVE_S, self._attempt.limit_s / 4)):
                await self.some()

    async def line(self) -> bytes:
        """Return the next line without its end; raise Unexpected if the connection or a limit ends it first."""
        try:
            line = await self._reader.readline()
        except ValueError as error:
            raise Unexpected(f"sent a line of more than {READ_MAX} bytes") from error
        self._attempt.note_answer(line)
        if not line.endswith(b"\n"):
            self._require_no_failure()
            raise Unexpected(f"closed after {quoted_bytes(line)}" if line else "closed without an answer")
        return line.rstrip(b"\r\n")

    async def exactly(self, size: int) -> bytes:
        """Return the next `size` bytes; raise Unexpected if the server closes the connection first."""
        try:
            data = await self._reader.readexactly(size)
        except asyncio.IncompleteReadError as error:
            data = error.partial
            self._require_no_failure()
            raise Unexpected(
                f"closed after {quoted_bytes(data)}" if data else "closed without an answer"
            ) from error
        self._attempt.note_answer(data)
        return data

    async def some(self, size: int = READ_MAX) -> bytes:
        """Return what comes next, at most `size` bytes; empty if the server has closed the connection."""
        data = await self._reader.read(size)
        if not data:
            self._require_no_failure()
        self._attempt.note_answer(data)
        return data

    def _require_no_failure(self) -> None:
        if self._reader.failure is not None:
            raise self._reader.failure

    @property
    def own_address(self) -> str:
        """The address of this end."""
        own: str = self._writer.get_extra_info("sockname")[0]
        return own

    @property
    def tls(self) -> ssl.SSLObject | None:
        """The TLS of this connection, if it has any."""
        found: ssl.SSLObject | None = self._writer.get_extra_info("ssl_object")
        return found


@asynccontextmanager
async def streamed(check: Check, attempt: Attempt, *, alpn: tuple[str, ...] = ()) -> AsyncIterator[Stream]:
    """Connect to the target of `check`, start TLS if requested, and yield the stream, closed at the end."""
    async with connected(check, socket.SOCK_STREAM, attempt) as connection:
        try:
            reader, writer = await _open(connection, check, alpn)
            try:
                stream = Stream(reader, writer, attempt)
                if check.tls is not None:
                    _note_tls(stream.tls, attempt)
                    _require_days(check.tls, stream.tls, attempt)
                yield stream
            finally:
                writer.transport.abort()
        except ssl.SSLError as error:
            if isinstance(error, ssl.SSLCertVerificationError):
                _require_descriptor()
            raise Unexpected(f"TLS failed: {_reason(error)}") from error


async def _open(
    connection: socket.socket, check: Check, alpn: tuple[str, ...]
) -> tuple[_Reader, asyncio.StreamWriter]:
    loop = asyncio.get_running_loop()
    reader = _Reader(limit=READ_MAX, loop=loop)
    protocol = asyncio.StreamReaderProtocol(reader, loop=loop)
    try:
        transport, _ = await loop.create_connection(lambda: protocol, sock=connection, **_tls(check, alpn))
    except ConnectionError as error:
        # A server without TLS may close the connection instead of answering with something else.
        _, words, _ = describe_error(error.errno, is_reached=True)
        raise Unexpected(f"TLS failed: {words}") from error
    return reader, asyncio.StreamWriter(transport, protocol, reader, loop)


def _tls(check: Check, alpn: tuple[str, ...]) -> dict[str, Any]:
    if check.tls is None:
        return {}
    name = check.tls.host or str(check.address)
    return {"ssl": tls_context(check.tls.is_verified, alpn), "server_hostname": name, "ssl_shutdown_timeout": 1.0}


def _require_days(settings: TlsSettings, tls: ssl.SSLObject | None, attempt: Attempt) -> None:
    """Require that the server's certificate is valid for the required number of days."""
    der = tls.getpeercert(binary_form=True) if tls is not None and settings.days_min else None
    if der is None:
        return
    ends_at = x509.load_der_x509_certificate(der).not_valid_after_utc
    days = (ends_at - datetime.datetime.now(datetime.UTC)).total_seconds() / _DAY_S
    attempt.note(f"the certificate expires on {ends_at:%Y-%m-%d}, in {days:.0f} days")
    if days < settings.days_min:
        validity = (
            f"expired on {ends_at:%Y-%m-%d}" if days < 0 else f"expires on {ends_at:%Y-%m-%d}, in {days:.0f} days"
        )
        raise Unexpected(f"the certificate {validity}; at least {settings.days_min} days are required")


def _note_tls(tls: ssl.SSLObject | None, attempt: Attempt) -> None:
    """Record what was agreed on, and remark in the result if nothing that clients of today speak was."""
    attempt.note("TLS established")
    agreed = tls.cipher() if tls is not None else None
    if tls is None or agreed is None:
        return
    name, version = agreed[0], tls.version() or ""
    if version in _OLD_VERSIONS or name not in _usual_ciphers():
        attempt.remark = f"the server's TLS is old: {_OLD_VERSIONS.get(version, 'TLS 1.2')} with {name}"
        attempt.note(attempt.remark)


@lru_cache(maxsize=1)
def _usual_ciphers() -> frozenset[str]:
    return frozenset(cipher["name"] for cipher in ssl.create_default_context().get_ciphers())


@lru_cache(maxsize=8)
def tls_context(is_verified: bool, alpn: tuple[str, ...]) -> ssl.SSLContext:
    """Return what a connection is encrypted with: made once, with the authorities there were then.

    Unless the certificate is verified, everything the library speaks will do: how old a server's TLS is says
    nothing about whether it serves its clients, and a stricter library must not take it out of rotation.
    """
    paths = ssl.get_default_verify_paths()
    # Named, as the defaults are left out without a word where they cannot be read, which may be for a lack of
    # descriptors; and then every certificate would be refused from then on.
    context = ssl.create_default_context(cafile=paths.cafile, capath=paths.capath)
    if not is_verified:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        # Level 0 also accepts short keys and old signatures. A server without a certificate is no old one.
        context.set_ciphers("ALL:!aNULL:!eNULL:!PSK:!SRP:@SECLEVEL=0")
        context.options |= _LEGACY_SERVER_CONNECT | ssl.OP_IGNORE_UNEXPECTED_EOF
    if alpn:
        context.set_alpn_protocols(list(alpn))
    return context


def _require_descriptor() -> None:
    """Raise OSError where no file can be opened: then an authority that has a file of its own was not found."""
    os.close(os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC))


def _reason(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"certificate not accepted, {error.verify_message}"
    return (error.reason or str(error)).lower().replace("_", " ")
