"""`palometa web` as it is installed: a process of its own, and connections to it that speak as they like."""

import os
import re
import resource
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.free_ports import free_port
from tests.protocols.certificate import HOST
from tests.waiting import until

COMMAND = Path(sys.executable).with_name("palometa")
PATIENCE_S = 20.0
"""How long an answer may take that is not delayed by anybody: far more than it takes on a busy machine."""


@dataclass(frozen=True, slots=True)
class Pages:
    """The running pages: where they are, how to speak to them and what they have logged."""

    port: int
    log_file: Path
    tls: ssl.SSLContext | None = None
    cookie: str = ""

    @property
    def log(self) -> str:
        """What it has written so far, to its output and to its log."""
        return self.log_file.read_text()

    def are_served(self) -> bool:
        """Whether a page is answered by now."""
        try:
            return status_of(self.get("/health")) == 200
        except OSError:
            return False

    def plain(self, timeout_s: float = PATIENCE_S) -> socket.socket:
        """Return a TCP connection."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=timeout_s)

    def connect(self, timeout_s: float = PATIENCE_S) -> socket.socket:
        """Return a connection that speaks TLS if the pages do."""
        connection = self.plain(timeout_s)
        return connection if self.tls is None else self.tls.wrap_socket(connection, server_hostname=HOST)

    def answer(self, request: bytes, timeout_s: float = PATIENCE_S) -> bytes:
        """Send `request` on a connection of its own, and return what comes until the other side ends it."""
        with self.connect(timeout_s) as connection:
            connection.sendall(request)
            return rest_of(connection)

    def get(self, path: str, *lines: str, timeout_s: float = PATIENCE_S) -> bytes:
        """Return the whole answer to a GET with the header lines."""
        return self.answer(head("GET", path, *lines, "Connection: close") + b"\r\n", timeout_s)

    def signed_in(self, path: str, timeout_s: float = PATIENCE_S) -> bytes:
        """Return a page as the administrator sees it."""
        return self.get(path, f"Cookie: {self.cookie}", timeout_s=timeout_s)


def head(method: str, path: str, *lines: str) -> bytes:
    """Return a request's line and header lines, without the empty line that ends them."""
    return "".join(f"{line}\r\n" for line in (f"{method} {path} HTTP/1.1", "Host: localhost", *lines)).encode()


def rest_of(connection: socket.socket) -> bytes:
    """Return what comes until the other side ends the connection."""
    parts = []
    while part := connection.recv(65536):
        parts.append(part)
    return b"".join(parts)


def first_of(connection: socket.socket) -> bytes:
    """Return one answer with a Content-Length, from a connection that stays open."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65536)
        assert part, f"ended after {data!r}"
        data += part
    length = re.search(rb"(?i)content-length: (\d+)", data)
    assert length, data
    while len(data.partition(b"\r\n\r\n")[2]) < int(length[1]):
        data += connection.recv(65536)
    return data


def status_of(answer: bytes) -> int:
    """Return the status code of `answer`; 0: there is none."""
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.") else 0


@contextmanager
def running(
    directory: Path,
    descriptors: int = 0,
    /,
    *,
    tls: ssl.SSLContext | None = None,
    cookie: str = "",
    **settings: str,
) -> Iterator[Pages]:
    """The pages with everything in `directory`, once they answer; `settings` without PALOMETA_.

    `descriptors`: how many each process may have, 0: as many as this one.
    """
    with started(directory, **settings) as (process, pages):
        if descriptors:
            # Before Python has started there, and so for all its processes.
            resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (descriptors, descriptors))
        pages = Pages(pages.port, pages.log_file, tls, cookie)
        until(lambda: process.poll() is not None or pages.are_served(), lambda: pages.log)
        assert process.poll() is None, pages.log
        yield pages


@contextmanager
def started(directory: Path, **settings: str) -> Iterator[tuple["subprocess.Popen[bytes]", Pages]]:
    """The process, which perhaps refuses to serve, and the pages it will serve; PORT: any that is free."""
    pages = Pages(int(settings.get("PORT", 0)) or free_port(), directory / "web.log")
    named = {
        "PORT": str(pages.port),
        "STATE_DIRECTORY": str(directory),
        "RUNTIME_DIRECTORY": str(directory),
        "LVS_CF": str(directory / "lvs.cf"),
        **settings,
    }
    others = {name: text for name, text in os.environ.items() if not name.startswith("PALOMETA_")}
    environment = others | {f"PALOMETA_{name}": text for name, text in named.items()}
    with ExitStack() as stack:
        log = stack.enter_context(pages.log_file.open("wb"))
        process = subprocess.Popen([COMMAND, "web"], env=environment, stdout=log, stderr=log)
        stack.callback(process.wait)
        stack.callback(process.terminate)
        yield process, pages
