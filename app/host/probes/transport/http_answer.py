"""A web server's answer, read piece by piece: where its head ends, and how long its body is (RFC 9112).

As tolerant as the clients of a web server: lines may end in LF alone, and what does not matter to the framing is
not judged. A library for the protocol would refuse answers that every browser displays, and a check that is
stricter than the clients takes servers out of rotation for nothing.
"""

import re
from collections.abc import Callable

from app.host.probes.transport.attempt import Unexpected
from app.lvs.checks.expect import STATUS_LINE, quoted_bytes

HEAD_MAX = 65_536
"""The most of all heads together, in bytes: that of the answer, and those of the interim answers before it."""
BODY_MAX = 65_536
"""The most of a body that is kept, in bytes; what follows is not needed."""
_FRAMING_MAX = 8 * BODY_MAX
"""The most that may be spent on the sizes of chunks and their extensions, in bytes."""

_STATUS = re.compile(rb"HTTP/1\.[0-9][ \t]+([1-9][0-9]{2})(?:[ \t].*)?", re.DOTALL)
_CHUNK_SIZE = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,15})[ \t]*(?:;.*)?", re.DOTALL)
# More digits would be no length of a page, and Python refuses to convert thousands of them.
_LENGTH = re.compile(rb"[0-9]{1,15}")
_SWITCHING = 101
_WITHOUT_BODY = frozenset({204, 304})


class HttpAnswer:
    """The answer as far as it has come: `status` as soon as its line is there, then the `body` without framing.

    With `has_body` False, as for HEAD, the answer ends with its head.
    """

    def __init__(self, *, has_body: bool = True) -> None:
        self.status: int | None = None
        self.body = bytearray()
        self.is_whole = False
        self._has_body = has_body
        self._pending = bytearray()
        self._searched = 0
        self._head_size = self._framing_size = 0
        self._interim: int | None = None
        self._headers: list[tuple[bytes, bytes]] = []
        self._left = 0
        self._step: Callable[[], bool] = self._status_line

    def feed(self, data: bytes) -> None:
        """Read `data`, which came next; raise Unexpected if it is not HTTP."""
        self._pending += data
        while not self.is_whole and self._step():
            pass

    def end(self) -> str:
        """Note that the server closed the connection; return what is missing, empty if the answer is whole.

        Raise Unexpected if what came is not HTTP.
        """
        if self.status is None and self._pending:
            # The line may lack nothing but its end.
            self._begin(bytes(self._pending))
        if self._step == self._until_closed:
            self.is_whole = True
        if self.is_whole:
            return ""
        if self.status is None and self._interim is None:
            return "closed without an answer"
        if self.status is None:
            return f"closed after status {self._interim}, without a final one"
        if self._step == self._header:
            return f"status {self.status}, but closed before the end of its headers"
        if self._step == self._sized:
            return f"status {self.status}, but closed {self._left} bytes before the end of its body"
        return f"status {self.status}, but closed before the last chunk of its body"

    def _line(self) -> bytes | None:
        """Take the next line without its end; None if it has not come yet."""
        end = self._pending.find(b"\n", self._searched)
        if end < 0:
            self._searched = len(self._pending)
            return None
        line = bytes(self._pending[:end])
        del self._pending[: end + 1]
        self._searched = 0
        return line.removesuffix(b"\r")

    def _head_line(self) -> bytes | None:
        line = self._line()
        self._head_size += 0 if line is None else len(line) + 1
        if self._head_size + (len(self._pending) if line is None else 0) > HEAD_MAX:
            if not self._head_size and line is None:
                raise _not_http(bytes(self._pending))
            raise Unexpected(f"sent headers of more than {HEAD_MAX} bytes")
        return line

    def _status_line(self) -> bool:
        line = self._head_line()
        # An empty line may be left over from what came before.
        if line:
            self._begin(line)
        return line is not None

    def _begin(self, line: bytes) -> None:
        match = _STATUS.fullmatch(line)
        if match is None:
            raise _not_http(line)
        status = int(match[1])
        if status < 200 and status != _SWITCHING:
            self._interim = status
        else:
            self.status = status
        self._headers = []
        self._step = self._header

    def _header(self) -> bool:
        line = self._head_line()
        if line is None:
            return False
        if not line:
            self._end_head()
        elif line[:1] in (b" ", b"\t") and self._headers:
            # A line that begins with a blank continues the one before (RFC 9112, 5.2).
            name, value = self._headers[-1]
            self._headers[-1] = (name, value + b" " + line.strip())
        else:
            name, _, value = line.partition(b":")
            self._headers.append((name.strip().lower(), value.strip()))
        return True

    def _end_head(self) -> None:
        """Find out how the body ends, in the order of RFC 9112, 6.3."""
        if self.status is None:
            self._step = self._status_line
            return
        if not self._has_body or self.status < 200 or self.status in _WITHOUT_BODY:
            self.is_whole = True
            return
        codings = self._values(b"transfer-encoding")
        if codings:
            self._step = self._chunk_size if codings[-1].lower() == b"chunked" else self._until_closed
            return
        lengths = self._values(b"content-length")
        if not lengths:
            self._step = self._until_closed
        elif len(set(lengths)) > 1 or not _LENGTH.fullmatch(lengths[0]):
            found = quoted_bytes(b", ".join(lengths))
            raise Unexpected(f"status {self.status}, but its Content-Length is {found}, which is not one number")
        else:
            self._left = int(lengths[0])
            self.is_whole = not self._left
            self._step = self._sized

    def _values(self, name: bytes) -> list[bytes]:
        """Return what the header `name` lists, in all its lines."""
        values = b",".join(value for found, value in self._headers if found == name).split(b",")
        return [value.strip() for value in values if value.strip()]

    def _keep(self, size: int) -> None:
        self.body += self._pending[: min(size, BODY_MAX - len(self.body))]
        del self._pending[:size]
        self.is_whole = len(self.body) >= BODY_MAX

    def _until_closed(self) -> bool:
        self._keep(len(self._pending))
        return False

    def _sized(self) -> bool:
        taken = min(self._left, len(self._pending))
        self._left -= taken
        self._keep(taken)
        self.is_whole |= not self._left
        return False

    def _framing_line(self) -> bytes | None:
        line = self._line()
        self._framing_size += 0 if line is None else len(line) + 1
        if self._framing_size + (len(self._pending) if line is None else 0) > _FRAMING_MAX:
            raise Unexpected(f"status {self.status}, but its chunk sizes take more than {_FRAMING_MAX} bytes")
        return line

    def _chunk_size(self) -> bool:
        line = self._framing_line()
        if line is None:
            return False
        match = _CHUNK_SIZE.fullmatch(line)
        if match is None:
            raise Unexpected(f"status {self.status}, but the size of a chunk is {quoted_bytes(line)}")
        self._left = int(match[1], 16)
        # The trailers after the last chunk belong to nothing a check looks at.
        self.is_whole = not self._left
        self._step = self._chunk
        return True

    def _chunk(self) -> bool:
        taken = min(self._left, len(self._pending))
        self._left -= taken
        self._keep(taken)
        if self._left:
            return False
        self._step = self._chunk_end
        return True

    def _chunk_end(self) -> bool:
        line = self._framing_line()
        if line:
            raise Unexpected(f"status {self.status}, but a chunk is followed by {quoted_bytes(line)}")
        if line is not None:
            self._step = self._chunk_size
        return line is not None


def _not_http(line: bytes) -> Unexpected:
    # No more than is compared is shown: a check must be no way to read what is not HTTP.
    return Unexpected(f"answered {quoted_bytes(line[:STATUS_LINE])}, which is not HTTP")
