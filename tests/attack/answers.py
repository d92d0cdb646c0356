"""Reads the answers of the web part from the wire, and says what is wrong with one."""

import re
import socket
from dataclasses import dataclass
from http.client import HTTPException, HTTPMessage, HTTPResponse

from tests.attack.hostile import HOST, PLANTED_HEADER, PLANTED_TAG

KNOWN_FAILURES = frozenset({501, 503, 507})
"""Of the 5xx, those with a reason to say: an unknown method, something that does not answer, a full disk."""
STAYS_HERE = re.compile(rf"(http://{HOST})?(:\d+)?/(?![/\\])")
"""Of a Location. Werkzeug names the host when it joins slashes: the one that was asked, which is ours."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer; `is_last` if the connection ends with it."""

    status: int
    headers: HTTPMessage
    body: bytes
    is_last: bool

    def faults(self) -> list[str]:
        """Return what no answer may be, whatever was asked."""
        faults = []
        if self.status >= 500 and self.status not in KNOWN_FAILURES:
            faults.append(f"status {self.status}")
        if PLANTED_HEADER in self.headers:
            faults.append("a header of the attacker")
        if "html" in self.headers.get("Content-Type", "") and PLANTED_TAG.encode() in self.body:
            faults.append("markup of the attacker")
        place = self.headers.get("Location", "/")
        if not STAYS_HERE.match(place):
            faults.append(f"a way elsewhere: {place}")
        return faults


def read_answer(connection: socket.socket, method: str) -> Answer | None:
    """Return the next answer to a request by `method`; None: the connection was closed without one.

    Raises TimeoutError for silence.
    """
    response = HTTPResponse(connection, method=method)
    try:
        response.begin()
        body = response.read()
    except (HTTPException, ConnectionResetError, BrokenPipeError):
        return None
    return Answer(response.status, response.headers, body, response.will_close)


def faults_of(answer: Answer | None, request: bytes) -> list[str]:
    """Return what is wrong with the answer to `request`, each fault with the request."""
    found = answer.faults() if answer else ["no answer"]
    return [f"{fault}: {request[:500]!r}" for fault in found]


def assert_log_is_proper(log: str) -> None:
    """Each line begins as one of ours or of gunicorn's, and none is of the inside of the program."""
    assert [line for line in log.splitlines() if not line.startswith(("[2", "Serving at "))] == []
