"""Messages over one connection: a length of four bytes, then that much JSON. Knows no message's meaning.

Every wait has an end, and nothing is kept beyond the length that the caller allows.
"""

import json
import socket
import ssl
import struct
import time
from typing import Any

from app.partner.failures import MalformedMessage, TalkFailed

_LENGTH = struct.Struct("!I")
_PIECE = 1 << 16


class Channel:
    """One connection, used by one thread."""

    def __init__(self, connection: ssl.SSLSocket) -> None:
        self._connection = connection

    def send(self, document: dict[str, Any], within_s: float) -> None:
        """Send a message; raise TalkFailed when it has not gone after `within_s` seconds."""
        data = json.dumps(document, separators=(",", ":")).encode()
        deadline = time.monotonic() + within_s
        rest = memoryview(_LENGTH.pack(len(data)) + data)
        try:
            while rest:
                self._connection.settimeout(_left_s(deadline))
                rest = rest[self._connection.send(rest[:_PIECE]) :]
        except OSError as error:
            raise talk_failed(error) from error

    def receive(self, most: int, within_s: float) -> dict[str, Any]:
        """Return the next message, no longer than `most` bytes and whole within `within_s` seconds."""
        deadline = time.monotonic() + within_s
        (length,) = _LENGTH.unpack(self._read(_LENGTH.size, deadline))
        if length > most:
            raise MalformedMessage(
                f"The other side began a message of {length} bytes; at most {most} are taken here."
            )
        return read_document(self._read(length, deadline))

    def _read(self, length: int, deadline: float) -> bytes:
        data = bytearray()
        try:
            while len(data) < length:
                self._connection.settimeout(_left_s(deadline))
                piece = self._connection.recv(min(_PIECE, length - len(data)))
                if not piece:
                    raise TalkFailed("The other side closed the connection.")
                data += piece
        except OSError as error:
            raise talk_failed(error) from error
        return bytes(data)


def read_document(data: bytes) -> dict[str, Any]:
    """Return the object that `data` is as JSON; raise Malformed."""
    try:
        document = json.loads(data, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise MalformedMessage("The other side sent something that is not JSON.") from error
    if not isinstance(document, dict):
        raise MalformedMessage("The other side sent JSON that is no object.")
    return document


def talk_failed(error: OSError) -> TalkFailed:
    """Return in words why a connection failed."""
    if isinstance(error, TimeoutError):
        return TalkFailed("The other side does not answer in time: is it up, and does a firewall let us through?")
    if isinstance(error, ssl.SSLCertVerificationError):
        return TalkFailed("Another certificate than the partner's answers there. Was it set up anew? Pair again.")
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError | ConnectionResetError | BrokenPipeError):
        return TalkFailed("The other side closed the connection.")
    if isinstance(error, ssl.SSLError):
        if "ALERT" in (error.reason or ""):
            return TalkFailed(
                "The other side does not take our certificate: it was unpaired there, or paired with "
                "another. Pair "
                "the two again."
            )
        return TalkFailed(f"What answers there does not speak as a partner does ({error.reason or error}).")
    if isinstance(error, ConnectionRefusedError):
        return TalkFailed("Nothing listens there: is 'palometa partner' running on the other router?")
    if isinstance(error, socket.gaierror):
        return TalkFailed("The name of the other router is not known here. Use its address.")
    return TalkFailed(f"The other router cannot be reached: {error.strerror or error}.")


def _left_s(deadline: float) -> float:
    left_s = deadline - time.monotonic()
    if left_s <= 0:
        raise TimeoutError
    return left_s


def _refuse_constant(name: str) -> None:
    raise ValueError(name)
