"""Whatever is sent that is no request is answered as the client's fault, and makes one line in the log at most."""

import re
import socket
import struct

import pytest

from app.web.server.sparing_log import LINES_A_MINUTE
from tests.waiting import until
from tests.web.server.pages import Pages, head, rest_of, status_of

CHUNKED = head("POST", "/setup/x", "Content-Type: application/x-www-form-urlencoded", "Transfer-Encoding: chunked")
FORGED = "%0a[2026-11-29%2021:00:00%20+0000]%20[1]%20[WARNING]%20pulse%20was%20stopped%20by%20admin"
NUMBER = b"not a hexadecimal number"
BAD_CHUNKS = {
    "the size is no number": (b"ZZ\r\n", NUMBER),
    "the size is negative": (b"-1\r\n", NUMBER),
    "the size has a sign": (b"+5\r\nhello\r\n0\r\n\r\n", NUMBER),
    "the size has a prefix": (b"0x5\r\nhello\r\n0\r\n\r\n", NUMBER),
    "the size is empty": (b"\r\n", NUMBER),
    "the size has no end": (b"0" * 5000, b"is longer than 1024 bytes"),
    "the size ends in a line feed": (b"5\nhello", b"ends in a line feed without a carriage return"),
    "it is longer than it says": (b"5\r\nhello world\r\n0\r\n\r\n", b"instead of the end of a line"),
    "it has a bad extension": (b"5;a b c\r\nhello\r\n0\r\n\r\n", b"not of the form ;name=value"),
    "it has one byte, as all of them": (b"1\r\na\r\n" * 40_000, b"too small"),
}
MALFORMED = {
    "a header after the body has no colon": CHUNKED + b"\r\n0\r\nX\r\n\r\n",
    "a header after the body is not allowed": CHUNKED + b"\r\n0\r\nContent-Length: 5\r\n\r\n",
    "the headers after the body do not end": CHUNKED + b"\r\n0\r\n" + b"X: y\r\n" * 3000,
    "a length and chunks": head("POST", "/login", "Content-Length: 5", "Transfer-Encoding: chunked") + b"\r\n",
    "two lengths": head("POST", "/login", "Content-Length: 5", "Content-Length: 6") + b"\r\n",
    "a length that is no number": head("POST", "/login", "Content-Length: five") + b"\r\n",
    "a length of another script": head("POST", "/login") + "Content-Length: \u00b2\r\n\r\n".encode("latin-1"),
    "two hosts": head("GET", "/login", "Host: localhost") + b"\r\n",
    "a header without a colon": head("GET", "/login", "Nonsense") + b"\r\n",
    "a header that goes on": head("GET", "/login", "X: a", " b") + b"\r\n",
    "a NUL in a header": head("GET", "/login", "X: a\0b") + b"\r\n",
    "a line feed in the head": b"GET /login HTTP/1.1\nHost: localhost\n\n",
    "a version nobody has": b"GET /login HTTP/3.7\r\n\r\n",
    "no version": b"GET /login\r\n\r\n",
    "a lower-case method": b"get /login HTTP/1.1\r\n\r\n",
    "a request line without end": b"GET /" + b"a" * 10_000,
    "a long header": head("GET", "/login", "X: " + "a" * 20_000) + b"\r\n",
    "many headers": head("GET", "/login", *["X: a"] * 200) + b"\r\n",
    "a head without end": head("GET", "/login", *["X: a"] * 40_000),
    "an unknown expectation": head("POST", "/login", "Expect: a miracle") + b"\r\n",
    "the first bytes of TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "bytes": bytes(range(256)),
    "an empty request line": b"\r\n\r\n\r\n",
}


@pytest.mark.parametrize("name", MALFORMED)
def test_it_is_refused_as_the_clients_fault(pages: Pages, name: str) -> None:
    status = status_of(pages.answer(MALFORMED[name]))
    assert 400 <= status < 500


@pytest.mark.parametrize("name", BAD_CHUNKS)
def test_a_bad_chunk_is_named(pages: Pages, name: str) -> None:
    body, words = BAD_CHUNKS[name]
    answer = pages.answer(CHUNKED + b"\r\n" + body)
    assert status_of(answer) == 400
    # Not the answer of a page, which would have taken the body.
    assert words in answer


@pytest.mark.parametrize("sent", [CHUNKED + b"\r\nZZ\r\n", MALFORMED["a header without a colon"]])
def test_over_tls_too(tls_pages: Pages, sent: bytes) -> None:
    assert status_of(tls_pages.answer(sent)) == 400


CUT_OFF = {
    "in the head": b"GET /login HTTP/1.1\r\nHost: local",
    "in the body": head("POST", "/login", "Content-Length: 100") + b"\r\nname=",
    "in a chunk": CHUNKED + b"\r\n64\r\nname=",
    "before the last chunk": CHUNKED + b"\r\n5\r\nname=\r\n",
    "in the headers after the body": CHUNKED + b"\r\n0\r\nX: y\r\n",
}


@pytest.mark.parametrize("where", CUT_OFF)
def test_a_request_that_is_cut_off_is_refused(pages: Pages, where: str) -> None:
    with pages.plain() as connection:
        connection.sendall(CUT_OFF[where])
        connection.shutdown(socket.SHUT_WR)
        assert status_of(rest_of(connection)) == 400


@pytest.mark.parametrize("where", CUT_OFF)
def test_a_connection_that_is_reset_leaves_no_trace(pages: Pages, where: str) -> None:
    before = len(pages.log)
    connection = pages.plain()
    connection.sendall(CUT_OFF[where])
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
    assert status_of(pages.get("/health")) == 200
    assert "Traceback" not in pages.log[before:]


def test_no_request_makes_more_than_one_line_in_the_log(pages: Pages) -> None:
    path = f"/setup/x{FORGED}"
    sent = [
        head("POST", path, "Transfer-Encoding: chunked") + b"\r\nZZ\r\n",
        head("GET", path, f"X_{FORGED}: y", f"Nonsense {FORGED}") + b"\r\n",
        head("GET", path) + b"\x1b[2J\x85 : [WARNING] pulse was stopped\r\n\r\n",
        f"GET {path} HTTP/9.9\r\n\r\n".encode(),
        f"G{'[' * 5000} {path} HTTP/1.1\r\n\r\n".encode(),
        head("POST", path, "Expect: " + "a" * 3000) + b"\r\n",
    ]
    before = len(pages.log)
    for request in sent:
        assert status_of(pages.answer(request)) < 500
    lines = pages.log[before:].splitlines()
    assert len(lines) <= len(sent)
    for line in lines:
        assert re.match(r"\[[^]]+\] \[\d+\] \[WARNING\] 4\d\d to 127\.0\.0\.1: ", line), line
        assert len(line) < 400
        assert "\x1b" not in line


def test_a_thousand_malformed_requests_do_not_fill_the_log(pages: Pages) -> None:
    before = len(pages.log)
    for _ in range(200):
        pages.answer(CHUNKED + b"\r\nZZ\r\n")
    # Of each of the two processes, and of the minute that has begun meanwhile.
    assert len(pages.log[before:].splitlines()) <= 4 * (LINES_A_MINUTE + 1)


def test_a_connection_whose_request_is_refused_is_ended(pages: Pages) -> None:
    request = head("GET", "/health") + b"\r\n"
    assert pages.answer(CHUNKED + b"\r\nZZ\r\n" + request).count(b"HTTP/1.1") == 1


def test_the_answer_arrives_although_more_is_sent_than_is_read(pages: Pages) -> None:
    with pages.plain() as connection:
        connection.sendall(head("POST", "/login", f"Content-Length: {1 << 30}") + b"\r\n" + b"x" * 500_000)
        assert status_of(rest_of(connection)) == 413


def test_a_plain_request_at_the_port_of_tls_is_told_to_use_https(tls_pages: Pages) -> None:
    with tls_pages.plain() as connection:
        connection.sendall(head("GET", "/login") + b"\r\n")
        answer = rest_of(connection)
    assert status_of(answer) == 400
    assert b"https://" in answer
    until(lambda: "400 to 127.0.0.1: This port speaks HTTPS" in tls_pages.log)
    assert "Traceback" not in tls_pages.log
