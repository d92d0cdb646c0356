"""Makes whole requests of the bytes that arrive on a connection; reads no socket and knows no time.

gunicorn's parser reads the head, once it is there as a whole: what it accepts and refuses is the same as before.
"""

import io
import re
from http import HTTPStatus
from typing import Any

from gunicorn.http.body import ChunkedReader
from gunicorn.http.errors import NoMoreData, ParseException
from gunicorn.http.message import Request as GunicornRequest
from gunicorn.http.unreader import IterUnreader

from app.web.frame.security import LARGE_BODY_MAX
from app.web.server.body import ChunkedBody, RequestBody, SizedBody
from app.web.server.refused_request import RefusedRequest, refused

HEAD_MAX = 64 * 1024
_END_OF_HEAD = b"\r\n\r\n"
_FIRST_SIGN = re.compile(rb"[A-Za-z0-9!#$%&'*+\-.^_`|~\r]")
_BARE_LINE_FEED = re.compile(rb"(?<!\r)\n")


class RequestReader:
    """Of one connection: `feed` it what arrives, `take` the requests."""

    def __init__(self, cfg: Any, peer: Any) -> None:
        self._cfg = cfg
        self._peer = peer
        self._arrived = bytearray()
        self._searched = 0
        self._count = 0
        self._request: Any = None
        self._body: RequestBody | None = None
        self._is_continue_wanted = False

    @property
    def has_begun(self) -> bool:
        """Whether part of a request has arrived."""
        return bool(self._arrived) or self._request is not None

    @property
    def has_head(self) -> bool:
        """Whether the head of a request has arrived, and part of its body is missing."""
        return self._request is not None

    @property
    def held_bytes(self) -> int:
        """How much memory is taken by what has arrived."""
        return len(self._arrived) + (len(self._body.content) if self._body else 0)

    def feed(self, data: bytes) -> None:
        """Note what has arrived."""
        self._arrived += data

    def take(self) -> Any:
        """Return the next whole request, as gunicorn's; None: more has to arrive. Raises RefusedRequest."""
        try:
            if self._request is None and not self._read_head():
                return None
            return self._read_body()
        except ParseException as error:
            raise refused(error) from error
        except (NoMoreData, StopIteration, ValueError) as error:
            raise RefusedRequest(HTTPStatus.BAD_REQUEST, "The head of the request is not HTTP/1.1") from error

    def takes_continue(self) -> bool:
        """Return whether the client waits for "100 Continue" before it sends the body; True only once."""
        is_wanted, self._is_continue_wanted = self._is_continue_wanted, False
        return is_wanted

    def end(self) -> None:
        """Note that nothing more will arrive; raise RefusedRequest if a request is cut off by that."""
        if self.has_begun:
            raise RefusedRequest(HTTPStatus.BAD_REQUEST, "The connection ended before the request did")

    def _read_head(self) -> bool:
        if self._searched == 0 and self._arrived[:2] == b"\r\n" and len(self._arrived) > 2:
            # An empty line before a request is skipped (RFC 9112 section 2.2).
            del self._arrived[:2]
        end = self._arrived.find(_END_OF_HEAD, max(0, self._searched - 3), HEAD_MAX)
        if end < 0:
            self._refuse_what_never_ends()
            self._searched = len(self._arrived)
            return False
        head = bytes(self._arrived[: end + 4])
        del self._arrived[: end + 4]
        self._searched = 0
        self._count += 1
        request = GunicornRequest(self._cfg, IterUnreader([head]), self._peer, self._count)
        reader = request.body.reader
        if isinstance(reader, ChunkedReader):
            self._body = ChunkedBody(LARGE_BODY_MAX, lambda lines: request.parse_headers(lines, from_trailer=True))
        else:
            self._body = SizedBody(reader.length, LARGE_BODY_MAX)
        # Answered here: gunicorn would send it once the body is there.
        self._is_continue_wanted, request._expected_100_continue = request._expected_100_continue, False
        self._request = request
        return True

    def _read_body(self) -> Any:
        body, request = self._body, self._request
        if body is None or not body.take(self._arrived):
            return None
        if body.is_too_large:
            self._leave_unread(request)
        request.body = io.BytesIO(body.content)
        self._request = self._body = None
        self._is_continue_wanted = False
        return request

    def _leave_unread(self, request: Any) -> None:
        """Let the application refuse a body by its length, and end the connection: what follows is not read.

        A body in chunks gets a length for it: without one the application would take part of a body for the whole.
        """
        if self._body is not None:
            self._body.content.clear()
        self._arrived.clear()
        if not any(name == "CONTENT-LENGTH" for name, _ in request.headers):
            kept = [(name, value) for name, value in request.headers if name != "TRANSFER-ENCODING"]
            request.headers = [*kept, ("CONTENT-LENGTH", str(LARGE_BODY_MAX + 1))]
        request.force_close()

    def _refuse_what_never_ends(self) -> None:
        if self._arrived and not _FIRST_SIGN.match(self._arrived):
            raise RefusedRequest(HTTPStatus.BAD_REQUEST, "This is not HTTP: no request begins like that")
        if _BARE_LINE_FEED.search(self._arrived, max(0, self._searched - 1)):
            raise RefusedRequest(HTTPStatus.BAD_REQUEST, "A line ends in a line feed without a carriage return")
        line_max: int = self._cfg.limit_request_line
        if len(self._arrived) > line_max + 2 and self._arrived.find(b"\r\n", 0, line_max + 2) < 0:
            raise RefusedRequest(
                HTTPStatus.REQUEST_URI_TOO_LONG, f"The request line is longer than {line_max} bytes"
            )
        if len(self._arrived) >= HEAD_MAX:
            raise RefusedRequest(
                HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
                f"The head of the request is longer than {HEAD_MAX} bytes",
            )
