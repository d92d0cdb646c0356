"""Requests are the same whole requests however the network cuts them; what is no request is refused at once."""

from itertools import pairwise
from typing import Any

import pytest
from gunicorn.config import Config
from hypothesis import given
from hypothesis import strategies as st

from app.web.frame.security import LARGE_BODY_MAX
from app.web.server.refused_request import RefusedRequest
from app.web.server.request_reader import RequestReader
from tests.web.server.pages import head

PEER = ("192.0.2.9", 4711)
LONG = bytes(range(256)) * 300
REQUESTS = (
    (head("GET", "/a?b=c") + b"\r\n", "GET", "/a", b""),
    (head("POST", "/b", "Content-Length: 5") + b"\r\nhello", "POST", "/b", b"hello"),
    (head("POST", "/b", "Content-Length: 0") + b"\r\n", "POST", "/b", b""),
    (b"\r\n" + head("PUT", "/c", f"Content-Length: {len(LONG)}") + b"\r\n" + LONG, "PUT", "/c", LONG),
    (
        head("POST", "/d", "Transfer-Encoding: chunked") + b"\r\n5\r\nhello\r\n6 ; a=b\r\n world\r\n0\r\n\r\n",
        "POST",
        "/d",
        b"hello world",
    ),
    (
        head("POST", "/e", "Transfer-Encoding: chunked")
        + b"\r\n0A\r\n\r\n\r\n\r\n\r\n\r\n\r\n000\r\nX: y\r\n\r\n",
        "POST",
        "/e",
        b"\r\n" * 5,
    ),
)


def reader() -> RequestReader:
    return RequestReader(Config(), PEER)


def taken(data: bytes, cuts: list[int]) -> list[tuple[str, str, bytes]]:
    """Return the requests in `data`, which arrives in pieces that begin at `cuts`."""
    found, reading = [], reader()
    places = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    for start, end in pairwise(places):
        reading.feed(data[start:end])
        while (request := reading.take()) is not None:
            found.append((request.method, request.path, request.body.read()))
    assert not reading.has_begun
    assert reading.held_bytes == 0
    return found


@given(st.lists(st.integers(0, 200_000), max_size=20), st.permutations(REQUESTS))
def test_it_does_not_matter_how_requests_are_cut(
    cuts: list[int], requests: list[tuple[bytes, str, str, bytes]]
) -> None:
    assert taken(b"".join(sent for sent, *_ in requests), cuts) == [
        (method, path, body) for _, method, path, body in requests
    ]


@pytest.mark.parametrize(("sent", "method", "path", "body"), REQUESTS[:2] + REQUESTS[4:])
def test_each_may_come_byte_by_byte(sent: bytes, method: str, path: str, body: bytes) -> None:
    assert taken(sent, list(range(len(sent)))) == [(method, path, body)]


@given(st.binary(max_size=300), st.sampled_from([b"", *(sent[:-3] for sent, *_ in REQUESTS if len(sent) < 1000)]))
def test_whatever_comes_is_a_request_or_refused(junk: bytes, before: bytes) -> None:
    refused = refusal(before + junk)
    if refused is not None:
        assert refused.status in (400, 414, 417, 431, 501)
        assert refused.answer().startswith(b"HTTP/1.1 ")
        assert refused.why.isprintable()


def refusal(data: bytes) -> RefusedRequest | None:
    """Return why `data`, after which nothing comes, is refused; None: it is requests."""
    reading = reader()
    reading.feed(data)
    try:
        while reading.take() is not None:
            pass
        reading.end()
    except RefusedRequest as refused:
        return refused
    return None


def too_large(*lines: str, body: bytes = b"") -> Any:
    reading = reader()
    reading.feed(head("POST", "/b", *lines) + b"\r\n" + body)
    return reading.take()


def test_a_body_too_large_is_not_waited_for_and_not_taken_in_part() -> None:
    for request in (
        too_large(f"Content-Length: {LARGE_BODY_MAX + 1}", body=b"part"),
        too_large("Transfer-Encoding: chunked", body=b"4\r\npart\r\n7fffffff\r\nmore"),
        too_large("Transfer-Encoding: chunked", body=b"%x\r\npart" % (LARGE_BODY_MAX + 1)),
    ):
        assert request.body.read() == b""
        assert int(dict(request.headers)["CONTENT-LENGTH"]) > LARGE_BODY_MAX
        assert "TRANSFER-ENCODING" not in dict(request.headers)
        assert request.should_close()


def test_a_body_as_large_as_it_may_be_is_taken() -> None:
    body = bytes(LARGE_BODY_MAX)
    assert len(too_large(f"Content-Length: {LARGE_BODY_MAX}", body=body).body.read()) == LARGE_BODY_MAX
    chunk = b"%x\r\n" % LARGE_BODY_MAX + body + b"\r\n0\r\n\r\n"
    assert len(too_large("Transfer-Encoding: chunked", body=chunk).body.read()) == LARGE_BODY_MAX
