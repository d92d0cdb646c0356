"""What clients may do: be slow, keep a connection, send several requests at once, ask before they send a body."""

import socket
from contextlib import ExitStack

from tests.web.server.pages import Pages, first_of, head, rest_of, status_of


def test_a_page_asked_for_slowly_but_steadily_is_served(pages: Pages) -> None:
    with pages.plain() as connection:
        request = head("GET", "/health", "Connection: close") + b"\r\n"
        for letter in request:
            connection.sendall(bytes([letter]))
        assert status_of(rest_of(connection)) == 200


def test_one_connection_serves_many_requests(pages: Pages) -> None:
    with pages.plain() as connection:
        for _ in range(3):
            connection.sendall(head("GET", "/health") + b"\r\n")
            assert status_of(first_of(connection)) == 200


def test_requests_sent_at_once_are_answered_in_their_order(pages: Pages) -> None:
    first, second = head("GET", "/health") + b"\r\n", head("GET", "/nowhere", "Connection: close") + b"\r\n"
    answers = pages.answer(first + second)
    assert (status_of(answers), answers.count(b"HTTP/1.1 ")) == (200, 2)
    assert b"HTTP/1.1 404" in answers


def test_a_client_that_asks_first_is_told_to_go_on(pages: Pages) -> None:
    body = b"csrf_token=x&name=admin&password=x"
    lines = (
        "Content-Type: application/x-www-form-urlencoded",
        f"Content-Length: {len(body)}",
        "Connection: close",
    )
    with pages.plain() as connection:
        connection.sendall(head("POST", "/login", *lines, "Expect: 100-continue") + b"\r\n")
        assert connection.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(body)
        # Without its token the form is refused, by the application.
        assert b"This form is no longer valid" in rest_of(connection)


def test_a_client_that_asks_first_with_far_too_much_is_not_told_to_go_on(pages: Pages) -> None:
    lines = ("Content-Type: application/x-www-form-urlencoded", f"Content-Length: {1 << 30}")
    answer = pages.answer(head("POST", "/login", *lines, "Expect: 100-continue") + b"\r\n")
    assert status_of(answer) == 413
    assert b"The request is too large" in answer


def test_a_body_too_large_in_chunks_is_refused_as_one_of_a_length(pages: Pages) -> None:
    start = head("POST", "/login", "Content-Type: application/x-www-form-urlencoded", "Transfer-Encoding: chunked")
    answer = pages.answer(start + b"\r\n5\r\nname=\r\n40000000\r\nadmin")
    assert status_of(answer) == 413


def test_an_answer_larger_than_the_kernel_keeps_arrives_whole(pages: Pages) -> None:
    once = pages.get("/static/palometa.css").partition(b"\r\n\r\n")[2]
    with pages.plain() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        request = head("GET", "/static/palometa.css") + b"\r\n"
        connection.sendall(request * 99 + head("GET", "/static/palometa.css", "Connection: close") + b"\r\n")
        assert rest_of(connection).count(once) == 100


def test_large_requests_are_answered_one_after_the_other(pages: Pages) -> None:
    large = head("POST", "/transfer", f"Content-Length: {4 << 20}") + b"\r\n" + bytes(4 << 20)
    with ExitStack() as stack:
        asking = [stack.enter_context(pages.plain()) for _ in range(6)]
        for connection in asking:
            connection.sendall(large)
        # Nobody is signed in.
        assert {status_of(first_of(connection)) for connection in asking} == {401}
