"""A conversation over one socket in a thread of its own, which can be cut off from outside at any moment.

The libraries that speak the protocols block, and their time-outs begin anew with every byte: only cutting the
socket ends a conversation with a server that drips. A thread that still waits for DNS is left to end by itself; it
keeps nobody from stopping.
"""

import asyncio
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from app.host.messengers.messenger import Undelivered


class CancellableSocket:
    """The one socket of a conversation that has to be over by `limit_s` from now."""

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

    def hold(self, conversation: socket.socket) -> None:
        """Cut `conversation` off when it is time, instead of what was held before."""
        with self._lock:
            self._socket = conversation
            if self._is_cut:
                self._shut()

    def cut(self) -> None:
        """End the conversation, now or as soon as it begins."""
        with self._lock:
            self._is_cut = True
            self._shut()

    def _shut(self) -> None:
        if self._socket is not None:
            # It may have ended just now.
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)


async def run_blocking(who: str, work: Callable[[CancellableSocket], str], limit_s: float) -> str:
    """Run `work` in a thread and return what it returns; raise what it raises.

    After `limit_s` raise Undelivered, saying so of `who`.
    """
    loop = asyncio.get_running_loop()
    outcome: asyncio.Future[str] = loop.create_future()
    wire = CancellableSocket(limit_s)

    def tell(said: str, error: Exception | None) -> None:
        if outcome.done():
            return
        if error is None:
            outcome.set_result(said)
        else:
            outcome.set_exception(error)

    def run() -> None:
        said, failed = "", None
        try:
            said = work(wire)
        except Exception as error:  # noqa: BLE001 - raised where it is awaited
            failed = error
        # The loop may be gone by now, and nobody waits.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(tell, said, failed)

    # A daemon: pulse must be able to stop while a thread still waits for DNS.
    threading.Thread(target=run, name="messenger", daemon=True).start()
    try:
        async with asyncio.timeout(limit_s):
            return await outcome
    except TimeoutError:
        raise Undelivered(f"{who}: no answer within {limit_s:g} s") from None
    finally:
        wire.cut()


def words(error: OSError) -> str:
    """Return why a conversation could not be held."""
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return error.strerror or str(error) or type(error).__name__
