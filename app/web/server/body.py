"""The body of a request, put together from the bytes that have arrived; reads no socket.

A body that is larger than `limit` is not waited for: what has come of it goes to the application, which refuses it
as it refuses any body that is larger than the page accepts, in the words of that page.
"""

import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Protocol

from gunicorn.http.body import CHUNK_EXT_RE

from app.web.server.refused_request import RefusedRequest

SIZE_LINE_MAX = 1024
TRAILERS_MAX = 8192
FRAMING_MAX = 64 * 1024
"""How many bytes the sizes of all chunks may take in addition to as many as the content has.

Chunks of one byte cost the server more than the sender.
"""
_SIZE = re.compile(rb"[0-9a-fA-F]{1,16}")


class RequestBody(Protocol):
    """What both kinds of body do."""

    content: bytearray
    is_too_large: bool

    def take(self, arrived: bytearray) -> bool:
        """Move what belongs to the body out of `arrived`; return whether the body is whole, or too large."""


class SizedBody:
    """A body of `length` bytes."""

    def __init__(self, length: int, limit: int) -> None:
        self.content = bytearray()
        self.is_too_large = length > limit
        self._length = length

    def take(self, arrived: bytearray) -> bool:
        """Move what belongs to the body out of `arrived`; return whether the body is whole, or too large."""
        if self.is_too_large:
            return True
        missing = self._length - len(self.content)
        self.content += arrived[:missing]
        del arrived[:missing]
        return len(self.content) == self._length


class ChunkedBody:
    """A body in chunks (RFC 9112 section 7.1); `check_trailers` raises for header lines that may not follow it."""

    def __init__(self, limit: int, check_trailers: Callable[[bytes], object]) -> None:
        self.content = bytearray()
        self.is_too_large = False
        self._limit = limit
        self._check_trailers = check_trailers
        self._missing = 0
        self._framing = 0
        self._step: Callable[[bytearray], bool] = self._size
        self._is_whole = False

    def take(self, arrived: bytearray) -> bool:
        """Move what belongs to the body out of `arrived`; return whether the body is whole, or too large."""
        while not self._is_whole and not self.is_too_large and self._step(arrived):
            if self._framing > FRAMING_MAX + len(self.content):
                raise _bad("The chunks of the body are too small")
        return self._is_whole or self.is_too_large

    def _size(self, arrived: bytearray) -> bool:
        """Read the line with the size of a chunk; False: more has to arrive."""
        line = self._line(arrived, SIZE_LINE_MAX, "The line with the size of a chunk")
        if line is None:
            return False
        digits, semicolon, extension = line.partition(b";")
        digits = digits.rstrip(b" \t") if semicolon else digits
        if not _SIZE.fullmatch(digits):
            raise _bad(f"The size of a chunk is {digits!r}, not a hexadecimal number")
        if semicolon and not CHUNK_EXT_RE.fullmatch(b";" + extension):
            raise _bad("The extension of a chunk is not of the form ;name=value")
        self._missing = int(digits, 16)
        self.is_too_large = len(self.content) + self._missing > self._limit
        self._step = self._data if self._missing else self._trailers
        return True

    def _data(self, arrived: bytearray) -> bool:
        taken = arrived[: self._missing]
        self.content += taken
        del arrived[: self._missing]
        self._missing -= len(taken)
        if self._missing:
            return False
        self._step = self._end_of_data
        return True

    def _end_of_data(self, arrived: bytearray) -> bool:
        if len(arrived) < 2 and b"\r\n".startswith(arrived):
            return False
        if arrived[:2] != b"\r\n":
            raise _bad(f"A chunk is followed by {bytes(arrived[:2])!r} instead of the end of a line")
        del arrived[:2]
        self._step = self._size
        return True

    def _trailers(self, arrived: bytearray) -> bool:
        if arrived[:2] == b"\r\n":
            del arrived[:2]
            self._is_whole = True
            return True
        end = arrived.find(b"\r\n\r\n", 0, TRAILERS_MAX)
        if end < 0:
            if len(arrived) >= TRAILERS_MAX:
                raise RefusedRequest(
                    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
                    f"The headers after the body are longer than {TRAILERS_MAX} bytes",
                )
            return False
        self._check_trailers(bytes(arrived[:end]))
        del arrived[: end + 4]
        self._is_whole = True
        return True

    def _line(self, arrived: bytearray, limit: int, what: str) -> bytes | None:
        end = arrived.find(b"\r\n", 0, limit)
        if end < 0:
            if len(arrived) >= limit:
                raise _bad(f"{what} is longer than {limit} bytes")
            if b"\n" in arrived:
                raise _bad(f"{what} ends in a line feed without a carriage return")
            return None
        line = bytes(arrived[:end])
        del arrived[: end + 2]
        self._framing += end + 4
        return line


def _bad(why: str) -> RefusedRequest:
    return RefusedRequest(HTTPStatus.BAD_REQUEST, why)
