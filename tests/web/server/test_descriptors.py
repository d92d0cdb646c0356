"""The pages with few descriptors: who comes is served, those who only wait go, and the log says so sparingly."""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from app.web.server.descriptors import Room, room_with
from tests.web.server.pages import Pages, head, running, status_of

DESCRIPTORS = 64
SILENT = 200


@pytest.fixture
def poor_pages(tmp_path: Path) -> Iterator[Pages]:
    """The pages, of which each process has that few descriptors."""
    with running(tmp_path, DESCRIPTORS) as found:
        yield found


def test_who_comes_is_served_while_very_many_say_nothing(poor_pages: Pages) -> None:
    with ExitStack() as stack:
        silent: list[socket.socket] = []
        for number in range(SILENT):
            connection = stack.enter_context(poor_pages.plain())
            if number % 2:
                connection.sendall(head("GET", "/login"))
            silent.append(connection)
            if number % 10 == 0:
                assert status_of(poor_pages.get("/login")) == 200
        for _ in range(20):
            assert status_of(poor_pages.get("/health")) == 200
            assert status_of(poor_pages.get("/login")) == 200
        # The newest of those who wait can still go on.
        silent[-1].sendall(b"Connection: close\r\n\r\n")
        assert status_of(silent[-1].recv(65536)) == 200
    lines = poor_pages.log.splitlines()
    assert any("which was the oldest of too many" in line for line in lines)
    assert len(lines) < 60
    assert "Traceback" not in poor_pages.log


def test_of_many_who_ask_at_once_nobody_gets_an_error(poor_pages: Pages) -> None:
    with ExitStack() as stack:
        for _ in range(SILENT):
            stack.enter_context(poor_pages.plain())
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(poor_pages.get, ["/login", "/health", "/static/palometa.css"] * 20))
    assert {status_of(answer) for answer in answers} == {200}
    assert "cannot be opened" not in poor_pages.log


@pytest.mark.parametrize("descriptors", [0, 16, 32, 64, 128, 256, 1024, 4096])
def test_what_waits_leaves_descriptors_to_what_is_answered(descriptors: int) -> None:
    room = room_with(descriptors, threads=8)
    assert min(room.waiting, room.requests, room.at_once) > 0
    if descriptors >= 64:
        assert room.waiting + room.requests + 8 * room.at_once + 20 <= descriptors
    if descriptors == 4096:
        assert room == Room(512, 400, 16)


def test_they_serve_as_ever_when_the_others_have_gone(poor_pages: Pages) -> None:
    with ExitStack() as stack:
        for _ in range(SILENT):
            stack.enter_context(poor_pages.plain())
    for _ in range(20):
        assert status_of(poor_pages.get("/login")) == 200
