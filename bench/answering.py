"""The cheapest possible server to check, in Python: `python -m bench.answering PORT`, on PORT of all addresses.

It accepts a connection, reads the request if there is one, answers with a page, and accepts the next connection.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

PAGE = b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\nhello\n"
_ASKS_WITHIN_S = 1
_STARTS_WITHIN_S = 30.0


def main(port: int) -> None:
    """Serve until killed."""
    listener = socket.create_server(("0.0.0.0", port), backlog=4096)
    while True:
        connection, _ = listener.accept()
        connection.settimeout(_ASKS_WITHIN_S)
        try:
            if connection.recv(4096):
                connection.sendall(PAGE)
        except OSError:
            pass
        connection.close()


@contextmanager
def answering(address: str, port: int) -> Iterator[None]:
    """Serve in a separate process during the block."""
    server = subprocess.Popen([sys.executable, "-m", "bench.answering", str(port)], env=dict(os.environ))
    try:
        deadline = time.monotonic() + _STARTS_WITHIN_S
        while True:
            try:
                socket.create_connection((address, port), 1).close()
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
        yield
    finally:
        server.kill()
        server.wait()


if __name__ == "__main__":
    main(int(sys.argv[1]))
