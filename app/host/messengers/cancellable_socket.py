"""A session over one socket in its own thread, which can be shut down from outside at any time.

The protocol libraries block, and their timeouts restart with every byte: only shutting down the socket ends a
session with a server that sends a byte at a time. A thread that still waits for DNS is left to finish on its own;
it does not keep the process from stopping.
"""

import asyncio
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from app.host.messengers.messenger import Undelivered


class CancellableSocket:
    """The socket of a session that must end within `limit_s` from now."""

    def __init__(self, limit_s: float) -> None:
        self._until = time.monotonic() + limit_s
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._is_cut = False

    def connect(self, host: str, port: int) -> socket.socket:
        """Return a socket connected to `host`; raise OSError."""
        connected = socket.create_connection((host, port), timeout=max(0.001, self._until - time.monotonic()))
        self.hold(connected)
        return connected

    def hold(self, session: socket.socket) -> None:
        """Shut down `session` on a cut, instead of the socket held before."""
        with self._lock:
            self._socket = session
            if self._is_cut:
                self._shut()

    def cut(self) -> None:
        """End the session, now or as soon as it begins."""
        with self._lock:
            self._is_cut = True
            self._shut()

    def _shut(self) -> None:
        if self._socket is not None:
            # It may just have ended.
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)


async def run_blocking(who: str, work: Callable[[CancellableSocket], str], limit_s: float) -> str:
    """Run `work` in a thread and return what it returns; raise what it raises.

    After `limit_s`, raise Undelivered with a message that names `who`.
    """
    loop = asyncio.get_running_loop()
    outcome: asyncio.Future[str] = loop.create_future()
    cancellable = CancellableSocket(limit_s)

    def report(result: str, error: Exception | None) -> None:
        if outcome.done():
            return
        if error is None:
            outcome.set_result(result)
        else:
            outcome.set_exception(error)

    def run() -> None:
        result, failed = "", None
        try:
            result = work(cancellable)
        except Exception as error:  # noqa: BLE001 - raised where it is awaited
            failed = error
        # The loop may be closed already.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(report, result, failed)

    # A daemon: pulse must be able to stop while a thread still waits for DNS.
    threading.Thread(target=run, name="messenger", daemon=True).start()
    try:
        async with asyncio.timeout(limit_s):
            return await outcome
    except TimeoutError:
        raise Undelivered(f"{who}: no answer within {limit_s:g} s") from None
    finally:
        cancellable.cut()


def describe_error(error: OSError) -> str:
    """Return why a session failed."""
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return error.strerror or str(error) or type(error).__name__
