"""Messages over one connection: a length of four bytes, then that much JSON. Knows no message's meaning.

Every wait has a time limit, and nothing longer than the caller allows is kept.
"""

import socket
import ssl
import struct
import time

from msgspec import Struct
from msgspec.json import Decoder

from app.partner.encoding import Message, decode, encode
from app.partner.failures import MalformedMessage, TalkFailed

_LENGTH = struct.Struct("!I")
_PIECE = 1 << 16


class Channel:
    """One connection, used by one thread."""

    def __init__(self, connection: ssl.SSLSocket) -> None:
        self._connection = connection

    def send(self, message: Struct, within_s: float) -> None:
        """Send a message; raise TalkFailed if that takes longer than `within_s` seconds."""
        data = encode(message)
        deadline = time.monotonic() + within_s
        rest = memoryview(_LENGTH.pack(len(data)) + data)
        try:
            while rest:
                self._connection.settimeout(_left_s(deadline))
                rest = rest[self._connection.send(rest[:_PIECE]) :]
        except OSError as error:
            raise talk_failed(error) from error

    def receive(self, decoder: Decoder[Message], longest: int, within_s: float) -> Message:
        """Return the next message, no longer than `longest` bytes and complete within `within_s` seconds."""
        deadline = time.monotonic() + within_s
        (length,) = _LENGTH.unpack(self._read(_LENGTH.size, deadline))
        if length > longest:
            raise MalformedMessage(
                f"The other side announced a message of {length} bytes; at most {longest} are accepted here."
            )
        return decode(self._read(length, deadline), decoder)

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


def talk_failed(error: OSError) -> TalkFailed:
    """Return in words why a connection failed."""
    if isinstance(error, TimeoutError):
        return TalkFailed(
            "The other router did not answer in time. Check that it is up and that no firewall blocks the port."
        )
    if isinstance(error, ssl.SSLCertVerificationError):
        return TalkFailed(
            "Another certificate than the partner's was presented there. "
            "If that router was reinstalled, pair again."
        )
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError | ConnectionResetError | BrokenPipeError):
        return TalkFailed("The other side closed the connection.")
    if isinstance(error, ssl.SSLError):
        if "ALERT" in (error.reason or ""):
            return TalkFailed(
                "The other side does not accept our certificate: it was unpaired, or paired with another router. "
                "Pair the two again."
            )
        return TalkFailed(
            f"The server there does not speak the partner protocol ({error.reason or error}). "
            "Check the address and the port."
        )
    if isinstance(error, ConnectionRefusedError):
        return TalkFailed("Nothing listens there. Check that 'palometa partner' is running on the other router.")
    if isinstance(error, socket.gaierror):
        return TalkFailed("The host name of the other router cannot be resolved here. Use its address.")
    return TalkFailed(f"The other router cannot be reached: {error.strerror or error}.")


def _left_s(deadline: float) -> float:
    left_s = deadline - time.monotonic()
    if left_s <= 0:
        raise TimeoutError
    return left_s
