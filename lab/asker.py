"""A client that sends requests through the virtual address and records the result of each.

`python -m lab.asker URL FILE`: sends ten requests a second, each over a new connection and without waiting for the
previous answer, and appends a line of JSON to the file as each request ends. On SIGTERM it sends no more requests
and exits after the last one.
"""

import asyncio
import json
import signal
import sys
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TextIO
from urllib.parse import urlsplit

EVERY_S = 0.1
PATIENCE_S = 3.0


@dataclass(frozen=True, slots=True)
class Request:
    """One request: when it began and ended (monotonic clock, in seconds), and which server answered.

    `failure` says why none did, and is empty otherwise.
    """

    began: float
    ended: float
    by: str
    failure: str


def read_requests(path: Path) -> list[Request]:
    """Return the requests that have ended, in the order they ended."""
    whole = path.read_text().rpartition("\n")[0] if path.exists() else ""
    return [Request(**json.loads(line)) for line in whole.splitlines()]


async def ask(host: str, port: int, path: str) -> Request:
    """Send one request."""
    began, by, failure = time.monotonic(), "", ""
    try:
        async with asyncio.timeout(PATIENCE_S):
            by = await _answer(host, port, path)
        failure = "" if by else "an empty answer"
    except TimeoutError:
        failure = f"no answer within {PATIENCE_S:g} s"
    except OSError as error:
        failure = str(error)
    return Request(began, time.monotonic(), by, failure)


async def _answer(host: str, port: int, path: str) -> str:
    reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(f"GET {path} HTTP/1.0\r\nHost: {host}\r\n\r\n".encode())
        answer = await reader.read()
    finally:
        writer.transport.abort()
    return answer.partition(b"\r\n\r\n")[2].decode(errors="replace").strip()


async def ask_on(url: str, file: TextIO) -> None:
    """Send requests until SIGTERM."""
    address = urlsplit(url)
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)

    async def note() -> None:
        line = json.dumps(asdict(await ask(address.hostname or "", address.port or 80, address.path or "/")))
        file.write(f"{line}\n")
        file.flush()

    async with asyncio.TaskGroup() as group:
        while not stopping.is_set():
            group.create_task(note())
            with suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), EVERY_S)


def main(arguments: list[str]) -> None:
    """Send requests until the process is ended."""
    url, path = arguments
    with open(path, "a") as file:
        asyncio.run(ask_on(url, file))


if __name__ == "__main__":
    main(sys.argv[1:])
