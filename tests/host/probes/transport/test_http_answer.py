"""Answers of web servers: every way RFC 9112 has of framing them, whole and in pieces, and what is none."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.host.probes.transport.attempt import Unexpected
from app.host.probes.transport.http_answer import BODY_MAX, HEAD_MAX, HttpAnswer

EARLY = b"HTTP/1.1 103 Early Hints\r\nLink: </s.css>; rel=preload\r\n\r\n"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


def read(*pieces: bytes, has_body: bool = True) -> tuple[int | None, bytes, bool]:
    """Return status, body and whether the answer was whole before the server closed the connection."""
    answer = HttpAnswer(has_body=has_body)
    for piece in pieces:
        answer.feed(piece)
    return answer.status, bytes(answer.body), answer.is_whole


def missing(*pieces: bytes) -> str:
    """Return what is missing when the server closes the connection after `pieces`."""
    answer = HttpAnswer()
    for piece in pieces:
        answer.feed(piece)
    return answer.end()


WHOLE = [
    (OK + b"Content-Length: 5\r\n\r\nhello", 200, b"hello"),
    (OK + b"content-length:5\r\n\r\nhello and more", 200, b"hello"),
    (OK + b"Content-Length: 5\r\nContent-Length: 5, 5\r\n\r\nhello", 200, b"hello"),
    (OK + b"Content-Length : 5\r\n\r\nhello", 200, b"hello"),
    (OK + b"X: a\r\n b\r\nContent-Length:\r\n 5\r\n\r\nhello", 200, b"hello"),
    (OK + b"a line without a colon\r\n: no name\r\nContent-Length: 5\r\n\r\nhello", 200, b"hello"),
    (OK + b"X: \xff\xfe\0\r\nContent-Length: 5\r\n\r\nhello", 200, b"hello"),
    (OK + b"Content-Length: 0\r\n\r\n", 200, b""),
    (CHUNKED + b"5\r\nhello\r\n0\r\n\r\n", 200, b"hello"),
    (CHUNKED + b"2\r\nhe\r\n003 ; a=\"b;c\"\r\nllo\r\n000\r\nTrailer: x\r\n\r\n", 200, b"hello"),
    (CHUNKED + b"A\r\n0123456789\r\n0\r\n\r\n", 200, b"0123456789"),
    (OK + b"Transfer-Encoding: gzip, Chunked\r\nContent-Length: 3\r\n\r\n5\r\nhello\r\n0\r\n\r\n", 200, b"hello"),
    (b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", 200, b"hello"),
    (b"HTTP/1.1 204 No Content\r\n\r\n", 204, b""),
    (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 500\r\n\r\n", 304, b""),
    (b"HTTP/1.1 101 Switching Protocols\r\n\r\n", 101, b""),
    (EARLY + OK + b"Content-Length: 5\r\n\r\nhello", 200, b"hello"),
    (CONTINUE + EARLY + b"HTTP/1.1 102 \r\n\r\n" + OK + b"Content-Length: 2\r\n\r\nok", 200, b"ok"),
    (b"\r\nHTTP/1.1 200\r\nContent-Length: 1\r\n\r\n!", 200, b"!"),
]  # fmt: skip
UNTIL_CLOSED = [
    (b"HTTP/1.0 200 OK\r\n\r\nhello", 200, b"hello"),
    (OK + b"\r\nhello", 200, b"hello"),
    (OK + b"Transfer-Encoding: gzip\r\n\r\nhello", 200, b"hello"),
]
each_whole = pytest.mark.parametrize(("sent", "status", "body"), WHOLE)
each = pytest.mark.parametrize(("sent", "status", "body"), WHOLE + UNTIL_CLOSED)


@each_whole
def test_an_answer_says_itself_where_it_ends(sent: bytes, status: int, body: bytes) -> None:
    assert read(sent) == (status, body, True)


@each
def test_lines_may_end_in_lf_alone(sent: bytes, status: int, body: bytes) -> None:
    assert read(sent.replace(b"\r\n", b"\n"))[:2] == (status, body)


@each
@given(cuts=st.lists(st.integers(0, 150), max_size=8))
def test_the_pieces_it_comes_in_make_no_difference(sent: bytes, status: int, body: bytes, cuts: list[int]) -> None:
    places = [0, *sorted(min(cut, len(sent)) for cut in cuts), len(sent)]
    pieces = [sent[begin:end] for begin, end in pairwise(places)]
    assert read(*pieces)[:2] == (status, body)


@each
def test_the_status_is_known_from_its_line(sent: bytes, status: int, body: bytes) -> None:
    head = sent[: sent.index(b" %d" % status) + 4] + b"\n"
    assert read(head)[0] == status


@pytest.mark.parametrize(("sent", "status", "body"), UNTIL_CLOSED)
def test_without_a_length_the_answer_ends_with_the_connection(sent: bytes, status: int, body: bytes) -> None:
    assert read(sent) == (status, body, False)
    assert missing(sent) == ""


def test_an_answer_to_head_has_no_body() -> None:
    assert read(OK + b"Content-Length: 500\r\n\r\n", has_body=False) == (200, b"", True)


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (b"", "closed without an answer"),
        (b"\r\n", "closed without an answer"),
        (EARLY, "closed after status 103, without a final one"),
        (OK + b"Content-Le", "status 200, but closed before the end of its headers"),
        (OK + b"Content-Length: 9\r\n\r\nhello", "status 200, but closed 4 bytes before the end of its body"),
        (CHUNKED + b"5\r\nhello\r\n", "status 200, but closed before the last chunk of its body"),
        (CHUNKED + b"50\r\nhello\r\n", "status 200, but closed before the last chunk of its body"),
    ],
)
def test_what_is_missing_is_said(sent: bytes, said: str) -> None:
    assert missing(sent).startswith(said)


def test_a_status_line_may_lack_its_end() -> None:
    answer = HttpAnswer()
    answer.feed(b"HTTP/1.0 204")
    answer.end()
    assert answer.status == 204


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (b"SSH-2.0-x\r\n", r"answered 'SSH-2.0-x', which is not HTTP"),
        (b"HTTP/1.1 20\r\n", "answered 'HTTP/1.1 20', which is not HTTP"),
        (b"HTTP/1.1 2000 OK\r\n", "which is not HTTP"),
        (b"x" * (HEAD_MAX + 1), "which is not HTTP"),
        (OK + b"X: " + b"x" * HEAD_MAX, f"sent headers of more than {HEAD_MAX} bytes"),
        (EARLY * 2000, f"sent headers of more than {HEAD_MAX} bytes"),
        (OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n", "is '5, 6', which is not one number"),
        (OK + b"Content-Length: -5\r\n\r\n", "its Content-Length is '-5'"),
        (OK + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n", "its Content-Length is '999"),
        (CHUNKED + b"hello\r\n", "the size of a chunk is 'hello'"),
        (CHUNKED + b"3\r\nhello\r\n", "a chunk is followed by 'lo'"),
        (CHUNKED + b"1;" + b"x" * 600_000, "its chunk sizes take more than"),
    ],
)  # fmt: skip
def test_what_is_no_http_is_said(sent: bytes, said: str) -> None:
    with pytest.raises(Unexpected, match=said.replace("(", r"\(")):
        read(sent)


@pytest.mark.parametrize(
    "head", [OK + b"\r\n", OK + b"Content-Length: 999999999\r\n\r\n", CHUNKED + b"fffffff\r\n"]
)
def test_no_more_of_a_body_is_kept_than_is_looked_at(head: bytes) -> None:
    status, body, is_whole = read(head, *[b"x" * 10_000] * 10)
    assert (status, len(body), is_whole) == (200, BODY_MAX, True)


def outcome(pieces: list[bytes]) -> str:
    """Return what is said about `pieces`, whatever they are."""
    try:
        return missing(*pieces)
    except Unexpected as refused:
        return str(refused)


@given(st.lists(st.binary(max_size=60), max_size=5), st.booleans())
def test_no_noise_does_more_than_be_refused(noise: list[bytes], is_begun: bool) -> None:
    assert outcome([CHUNKED] * is_begun + noise).isprintable()
