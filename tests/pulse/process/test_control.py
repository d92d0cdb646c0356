"""The control socket whatever is asked: each question has an answer, and none of them is pulse's end."""

import asyncio
import os
import socket
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest

from app.host.control_client import ControlRefused, ControlUnreachable, ask
from app.pulse.process.control import CONNECTIONS_MAX, ControlSocket
from tests.host.nobody import as_nobody


@pytest.fixture
def open_directory() -> Iterator[Path]:
    """One that every user reaches, unlike those of pytest."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


async def broken(request: Mapping[str, Any]) -> None:
    raise TypeError("a defect")


async def well(request: Mapping[str, Any]) -> str:
    return "well"


def test_a_verb_that_breaks_is_answered_with_a_sentence_logged_and_the_next_one_is_served(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "control"

    async def asked() -> None:
        server = await ControlSocket(path, {"broken": broken, "well": well}).start()
        async with server:
            with pytest.raises(ControlRefused, match="caused an unexpected error in pulse: check its log"):
                await asyncio.to_thread(ask, path, "broken", {"password": "hidden"})
            assert await asyncio.to_thread(ask, path, "well") == "well"

    asyncio.run(asyncio.wait_for(asked(), 20))
    [record] = caplog.records
    assert record.getMessage() == "the request 'broken' caused an unexpected error"
    assert record.exc_info
    assert "hidden" not in caplog.text


@pytest.mark.skipif(os.geteuid() != 0, reason="only root is other users")
def test_another_user_who_takes_all_connections_keeps_root_from_nothing(open_directory: Path) -> None:
    path = open_directory / "control"

    def take_all(ours: socket.socket, ready: socket.socket) -> str:
        # In a process of its own, where this end is a copy that would keep the other one open.
        ours.close()
        with ExitStack() as stack:
            for _ in range(2 * CONNECTIONS_MAX):
                stack.enter_context(socket.socket(socket.AF_UNIX)).connect(str(path))
            try:
                said = ask(path, "well", timeout_s=30.0)
            except (ControlRefused, ControlUnreachable) as failed:
                said = str(failed)
            ready.send(b"all taken")
            ready.recv(1)
        return str(said)

    async def asked() -> str:
        server = await ControlSocket(path, {"well": well}).start()
        path.chmod(0o666)
        ours, theirs = socket.socketpair()
        with closing(ours), closing(theirs):
            async with server:
                stranger = asyncio.create_task(asyncio.to_thread(as_nobody, lambda: take_all(ours, theirs)))
                taken = asyncio.create_task(asyncio.to_thread(ours.recv, 100))
                await asyncio.wait((stranger, taken), return_when=asyncio.FIRST_COMPLETED)
                assert taken.done(), stranger.result()
                assert taken.result() == b"all taken"
                assert await asyncio.to_thread(ask, path, "well") == "well"
                ours.send(b".")
                return await stranger

    assert "busy with too many requests" in asyncio.run(asyncio.wait_for(asked(), 60))
