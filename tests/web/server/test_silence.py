"""Who says nothing, or takes nothing, keeps nobody else from the pages; and is not waited for."""

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from functools import cache

import pytest

from tests.protocols.certificate import HOST
from tests.waiting import until
from tests.web.server.pages import PATIENCE_S, Pages, head, rest_of, status_of

MANY = 200
HALF_A_HEAD = b"GET /login HTTP/1.1\r\nHost: 127.0.0.1\r\nX"
HALF_A_BODY = head("POST", "/login", "Content-Type: text/plain", "Content-Length: 100000") + b"\r\nname=admin"
HALF_A_CHUNK = head("POST", "/login", "Transfer-Encoding: chunked") + b"\r\n400\r\nname=admin"
PROMPT_S = 10.0
"""Within which a page is served. It takes a fraction of a second where the machine is free; silence has no end."""


def nothing(_connection: socket.socket) -> None: ...


def half_a_head(connection: socket.socket) -> None:
    connection.sendall(HALF_A_HEAD)


def half_a_body(connection: socket.socket) -> None:
    connection.sendall(HALF_A_BODY)


def half_a_chunk(connection: socket.socket) -> None:
    connection.sendall(HALF_A_CHUNK)


def no_reading(connection: socket.socket) -> None:
    """Ask for more than the kernel keeps for the client, and read none of it."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.sendall((head("GET", "/static/palometa.css") + b"\r\n") * 20)


def idle(connection: socket.socket) -> None:
    connection.sendall(head("GET", "/static/keys.js") + b"\r\n")


def half_a_handshake(connection: socket.socket) -> None:
    connection.sendall(client_hello()[:100])


@cache
def client_hello() -> bytes:
    """Return what a client sends first over TLS."""
    sent, received = ssl.MemoryBIO(), ssl.MemoryBIO()
    with suppress(ssl.SSLWantReadError):
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).wrap_bio(received, sent, server_hostname=HOST).do_handshake()
    return sent.read()


KINDS = [nothing, half_a_head, half_a_body, half_a_chunk, no_reading, idle]


@pytest.mark.parametrize("kind", KINDS)
def test_two_hundred_who_say_no_more_keep_nobody_from_the_pages(
    pages: Pages, kind: Callable[[socket.socket], None]
) -> None:
    with ExitStack() as stack:
        silent = [stack.enter_context(pages.plain()) for _ in range(MANY)]
        for connection in silent:
            # One that is sent away for the sake of the others is silent, too.
            with suppress(ConnectionError):
                kind(connection)
        for _ in range(5):
            assert_served(pages)


@pytest.mark.parametrize("kind", [*KINDS, half_a_handshake])
def test_over_tls_they_do_not_either(tls_pages: Pages, kind: Callable[[socket.socket], None]) -> None:
    with ExitStack() as stack:
        connect = tls_pages.plain if kind in (nothing, half_a_handshake) else tls_pages.connect
        for _ in range(MANY if connect == tls_pages.plain else 60):
            with suppress(ConnectionError):
                kind(stack.enter_context(connect()))
        for _ in range(5):
            assert_served(tls_pages)


def test_a_byte_now_and_then_keeps_nobody_from_the_pages(pages: Pages) -> None:
    with ExitStack() as stack:
        slow = [stack.enter_context(pages.plain()) for _ in range(MANY)]
        for letter in b"GET / HTTP":
            for connection in slow:
                with suppress(ConnectionError):
                    connection.sendall(bytes([letter]))
            assert_served(pages)


def assert_served(pages: Pages) -> None:
    """Fails if a page is not served soon, to somebody who is signed in or not."""
    assert status_of(pages.get("/health", timeout_s=PROMPT_S)) == 200
    assert b"LOG OUT" in pages.signed_in("/password", timeout_s=PROMPT_S)


@pytest.fixture
def late(pages: Pages) -> Iterator[dict[str, socket.socket]]:
    """Connections of each kind."""
    with ExitStack() as stack:
        found = {kind.__name__: stack.enter_context(pages.plain(3 * PATIENCE_S)) for kind in KINDS}
        for kind in KINDS:
            kind(found[kind.__name__])
        yield found


def test_what_does_not_come_in_time_is_not_waited_for(late: dict[str, socket.socket]) -> None:
    for name in ("half_a_head", "half_a_body", "half_a_chunk"):
        answer = rest_of(late[name])
        assert status_of(answer) == 408, name
        assert b"did not arrive in time" in answer
    assert rest_of(late["nothing"]) == b""
    assert status_of(rest_of(late["idle"])) == 200
    until(lambda: is_reset(late["no_reading"]), limit_s=3 * PATIENCE_S)


def is_reset(connection: socket.socket) -> bool:
    """Return whether the other side has given up the connection, without reading what it has sent."""
    try:
        connection.send(b"\r\n")
    except OSError:
        return True
    return False


def test_a_trickled_request_has_no_more_time_than_any_other(pages: Pages) -> None:
    with pages.plain() as connection:
        connection.setblocking(False)
        letters = iter(HALF_A_HEAD + b"-Long: " + b"x" * 10_000)

        def ended() -> bytes:
            with suppress(BlockingIOError):
                connection.send(bytes([next(letters)]))
                return connection.recv(65536)
            return b""

        assert status_of(until(ended)) == 408


def test_the_oldest_that_waits_makes_room_for_a_new_one(pages: Pages) -> None:
    with ExitStack() as stack:
        # More than both processes take of one address.
        silent = [stack.enter_context(pages.plain(PATIENCE_S)) for _ in range(400)]
        with suppress(ConnectionError):
            assert silent[0].recv(1) == b""
        assert_served(pages)
