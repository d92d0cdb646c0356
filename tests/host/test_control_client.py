import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.host import control_client
from app.host.control_client import ControlRefused, ControlUnreachable, ask
from tests.host.nobody import as_nobody

Answer = Callable[[socket.socket, bytes], None]


@contextmanager
def _pulse(path: Path, answer: Answer) -> Iterator[None]:
    """Listen at `path` and let `answer` speak to whoever asks, with the line that was asked."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()

        def serve() -> None:
            connection, _ = listener.accept()
            with connection, connection.makefile("rb") as lines:
                answer(connection, lines.readline())

        thread = threading.Thread(target=serve)
        thread.start()
        yield
        thread.join()
    path.unlink()


def _says(data: bytes) -> Answer:
    return lambda connection, _: connection.sendall(data)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "pulse.sock"


def test_an_answer_comes_back_as_it_was_given(path: Path) -> None:
    asked: list[Any] = []

    def answer(connection: socket.socket, line: bytes) -> None:
        asked.append(json.loads(line))
        connection.sendall(b'{"ok": true, "answer": [1, null, "x"]}\n')

    with _pulse(path, answer):
        assert ask(path, "look", {"serial_no": 42, "wait_s": 1.5}) == [1, None, "x"]
    assert asked == [{"verb": "look", "serial_no": 42, "wait_s": 1.5}]


def test_an_answer_in_many_pieces_is_put_together(path: Path) -> None:
    document = {"ok": True, "answer": "x" * 300_000}

    def answer(connection: socket.socket, _: bytes) -> None:
        data = json.dumps(document).encode() + b"\n"
        for start in range(0, len(data), 7000):
            connection.sendall(data[start : start + 7000])

    with _pulse(path, answer):
        assert ask(path, "status") == document["answer"]


def test_a_refusal_is_in_pulses_own_words(path: Path) -> None:
    refusal = b'{"ok": false, "error": "no such verb: dance"}\n'
    with _pulse(path, _says(refusal)), pytest.raises(ControlRefused, match=r"^no such verb: dance$"):
        ask(path, "dance")


def test_a_refusal_that_comes_before_the_request_is_read_is_told(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()

        def refuse() -> None:
            with listener.accept()[0] as connection:
                connection.sendall(b'{"ok": false, "error": "pulse is busy"}\n')

        thread = threading.Thread(target=refuse)
        thread.start()
        # More than fits between the two, so that it is still being sent.
        with pytest.raises(ControlRefused, match=r"^pulse is busy$"):
            ask(path, "status", {"text": "x" * 5_000_000}, timeout_s=20.0)
        thread.join()


def test_pulse_that_is_not_there_is_said_to_be_stopped(path: Path) -> None:
    with pytest.raises(ControlUnreachable, match=r"pulse is not running.*start it with 'palometa pulse'"):
        ask(path, "status")


def test_a_socket_nobody_listens_at_any_more_is_said_to_be_stopped(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as left_behind:
        left_behind.bind(str(path))
    with pytest.raises(ControlUnreachable, match="pulse is not running"):
        ask(path, "status")


def test_a_user_who_may_not_ask_is_told_who_may(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        path.chmod(0)
        assert "this user may not connect to pulse" in as_nobody(lambda: ask(path, "status"))


def test_silence_ends_when_the_time_is_up(path: Path) -> None:
    def listen_only(connection: socket.socket, _: bytes) -> None:
        connection.recv(1)

    with _pulse(path, listen_only), pytest.raises(ControlUnreachable, match=r"has not answered within 0.1 s"):
        ask(path, "status", timeout_s=0.1)


def test_an_answer_that_trickles_does_not_stretch_the_time(path: Path) -> None:
    given_up = threading.Event()

    def trickle(connection: socket.socket, _: bytes) -> None:
        while not given_up.wait(0.01):
            try:
                connection.sendall(b" ")
            except OSError:
                return

    with _pulse(path, trickle):
        with pytest.raises(ControlUnreachable, match="has not answered within"):
            ask(path, "status", timeout_s=0.3)
        given_up.set()


@pytest.mark.parametrize("data", [b"", b'{"ok": true, "ans'])
def test_an_answer_broken_off_is_said_to_be_so(path: Path, data: bytes) -> None:
    with (
        _pulse(path, _says(data)),
        pytest.raises(ControlUnreachable, match="before it had answered"),
    ):
        ask(path, "status")


@pytest.mark.parametrize(
    "line", [b"hello", b"[]", b"{}", b'{"ok": true}', b'{"ok": false}', b"\xff", b"[" * 100_000]
)
def test_an_answer_that_is_none_is_said_to_be_of_another_version(path: Path, line: bytes) -> None:
    with _pulse(path, _says(line + b"\n")), pytest.raises(ControlUnreachable, match="must be the same version"):
        ask(path, "status")


def test_an_answer_without_end_is_given_up(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control_client, "ANSWER_MAX", 1000)
    with _pulse(path, _says(b"x" * 100_000)), pytest.raises(ControlUnreachable, match="longer than 1000 bytes"):
        ask(path, "status")


@given(st.binary(max_size=60))
def test_no_line_makes_it_fail_otherwise(line: bytes) -> None:
    with suppress(ControlUnreachable, ControlRefused):
        control_client.read_answer(line + b"\n")
