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
from ipaddress import ip_address
from typing import Any

from app.host.messengers.messenger import Undelivered
from app.lvs.notify.destinations import why_not_to


class CancellableSocket:
    """The socket of a session that must end within `limit_s` from now."""

    def __init__(self, limit_s: float) -> None:
        self._until = time.monotonic() + limit_s
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._is_cut = False

    def connect(self, host: str, port: int, *, is_local_meant: bool) -> socket.socket:
        """Return a socket connected to `host`; raise OSError, or Undelivered if no message may be sent there.

        What a name resolves to is judged, and only an address that was judged is connected to.
        `is_local_meant`: a loopback address is no surprise.
        """
        refusal, failure = "", OSError(f"the name {host} has no address")
        for family, kind, protocol, _, where in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            address = ip_address(str(where[0]).partition("%")[0])
            if why := why_not_to(address, is_local_meant=is_local_meant):
                refusal = why
                continue
            try:
                return self._connected(socket.socket(family, kind, protocol), where)
            except OSError as error:
                failure, refusal = error, ""
                if self._is_over():
                    break
        if refusal:
            raise Undelivered(f"{host} port {port}: {refusal}")
        raise failure

    def _connected(self, connection: socket.socket, where: Any) -> socket.socket:
        # Held before and after, as a cut ends a connection that is being made or there, not one that comes later.
        self.hold(connection)
        try:
            connection.settimeout(max(0.001, self._until - time.monotonic()))
            connection.connect(where)
            self.hold(connection)
        except OSError:
            connection.close()
            raise
        return connection

    def _is_over(self) -> bool:
        with self._lock:
            return self._is_cut or time.monotonic() >= self._until

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
