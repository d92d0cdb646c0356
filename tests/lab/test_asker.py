"""The client that sends requests continuously: each is recorded with the answering server or the failure."""

import asyncio
import socket
import subprocess
import sys
from pathlib import Path

from lab.asker import Request, ask, read_requests
from tests.host.probes import hostile
from tests.tcp_server import Handler, serving


def asked(handler: Handler) -> Request:
    async def both() -> Request:
        async with serving(handler) as port:
            return await ask("127.0.0.1", port, "/")

    return asyncio.run(both())


def test_the_answering_server_is_recorded() -> None:
    request = asked(hostile.well)
    assert (request.by, request.failure) == ("hello", "")
    assert request.began <= request.ended


def test_the_reason_for_no_answer_is_recorded() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        refused = asyncio.run(ask("127.0.0.1", taken.getsockname()[1], "/"))
    assert refused.by == ""
    assert "Connect call failed" in refused.failure
    assert asked(hostile.closing_when_asked).failure == "an empty answer"
    assert asked(hostile.silent).failure == "no answer within 3 s"


def test_on_sigterm_it_exits_after_its_last_request(tmp_path: Path) -> None:
    path = tmp_path / "requests"

    async def story() -> int:
        async with serving(hostile.well) as port:
            command = [sys.executable, "-m", "lab.asker", f"http://127.0.0.1:{port}/", str(path)]
            process = subprocess.Popen(command)
            while len(read_requests(path)) < 3:
                assert process.poll() is None
                await asyncio.sleep(0.02)
            process.terminate()
            return await asyncio.to_thread(process.wait, 20)

    assert asyncio.run(story()) == 0
    assert {request.by for request in read_requests(path)} == {"hello"}


def test_an_incomplete_line_is_not_a_request(tmp_path: Path) -> None:
    path = tmp_path / "requests"
    assert read_requests(path) == []
    path.write_text('{"began": 1.0, "ended": 2.0, "by": "web1", "failure": ""}\n{"began": 1')
    assert read_requests(path) == [Request(1.0, 2.0, "web1", "")]
