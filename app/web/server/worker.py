"""gunicorn's worker with threads, which are given whole requests only: no thread ever waits for a client.

The main thread reads requests and writes what clients did not take at once, of all connections side by side, each
with a deadline (`pace`). A thread gets a request when its head and body are here, and leaves the answer behind.
gunicorn's own worker waits for both in the thread, so that a silent client for each thread ends the service.
"""

import selectors
import ssl
import sys
import time
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from http import HTTPStatus
from socket import socket
from typing import Any

from gunicorn.http import wsgi
from gunicorn.workers.gthread import ThreadWorker

from app.web.frame.known_caller import is_known_caller
from app.web.frame.security import BODY_MAX, cookie_name
from app.web.frame.trusted_proxy import is_trusted
from app.web.server.client import Client, Stage
from app.web.server.crowd import Crowd, place_of
from app.web.server.descriptors import allow_descriptors, room_with
from app.web.server.known_callers import KnownCallers
from app.web.server.pace import ENDING_S, HANDSHAKE_S, HEAD_S, Pace
from app.web.server.refused_request import RefusedRequest
from app.web.server.request_queue import RequestQueue
from app.web.server.request_reader import RequestReader
from app.web.server.sparing_log import SparingLog

SWITCH_S = 0.001
"""How long a thread that computes may keep the main thread from the interpreter; Python's 5 ms add up to seconds.

The main thread gives the interpreter away with every system call, and there are several for each request.
"""
STRANGERS_SHARE = 2
"""Of the threads, the part that answers strangers: half of them."""
ACCEPTED_AT_ONCE = 4
"""Few, for the other process to take its share."""
LOOK_EVERY_S = 0.5
READ_UNASKED_MAX = 1 << 20
"""How much of what nobody reads any more is taken before the connection is closed."""
STOP_S = 3.0
"""What a request that is not whole yet gets when the process stops."""


class PagesWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn ships no types
    """Of its base it keeps the loop, the pool of threads and the signals."""

    def init_process(self) -> None:
        """Prepare this process, and serve until it is stopped."""
        self._room = room_with(allow_descriptors(), self.cfg.threads)
        sys.setswitchinterval(SWITCH_S)
        proxies = self.app.settings.trusted_proxy
        self._crowd = Crowd(lambda address: is_trusted(address, proxies), self._room.waiting)
        self._working: set[Client] = set()
        self._known = KnownCallers(cookie_name(self.app.settings, "session"))
        self._queue = RequestQueue(max(1, self.cfg.threads // STRANGERS_SHARE))
        self._given_out = 0
        self._sparing_log = SparingLog(self.log.warning)
        self._next_look = 0.0
        self._stopping_at: float | None = None
        self._steps: dict[Stage, Callable[[Client], None]] = {
            Stage.GREETING: self._greet,
            Stage.READING: self._read,
            Stage.IDLE: self._read,
            Stage.WRITING: self._write,
            Stage.ENDING: self._read_end,
        }
        super().init_process()

    def accept(self, listener: Any) -> None:
        """Take in new connections, several at a time: who is new is served before those who keep silent."""
        try:
            for _ in range(ACCEPTED_AT_ONCE):
                self._take_in(listener, *listener.accept())
        except (BlockingIOError, ConnectionError):
            return
        except OSError as error:
            # Out of descriptors or memory: this is somebody's place.
            self._note(f"cannot accept a connection: {error.strerror}")
            self._make_room(self._crowd.least())

    def _take_in(self, listener: Any, sock: socket, peer: Any) -> None:
        self.nr_conns += 1
        reader = RequestReader(self.cfg, peer)
        client = Client(sock, peer, listener.getsockname(), reader, Pace.within(HEAD_S, time.monotonic()))
        if self.app.certificate is not None:
            client.stage, client.pace = Stage.GREETING, Pace.within(HANDSHAKE_S, time.monotonic())
        self._wait(client, selectors.EVENT_READ)
        self._make_room(self._crowd.excess(client))

    def enqueue_req(self, client: Client) -> None:
        """Have the request of `client` answered in its turn."""
        self._working.add(client)
        self._queue.put(client, place_of(client.address))
        self._give_out()

    def _give_out(self) -> None:
        """Keep the threads busy, and the rest in our queue: that of the threads knows no turns."""
        while self._given_out < self._room.at_once and (client := self._queue.next()) is not None:
            self._given_out += 1
            super().enqueue_req(client)

    def handle(self, client: Client) -> bool:
        """Answer the request of `client`, in a thread; return whether the connection may be used again."""
        response = None
        try:
            response, environ = wsgi.create(client.request, client, client.peer, client.server, self.cfg)
            environ["wsgi.multithread"] = True
            if not self.alive:
                response.force_close()
            parts = self.wsgi(environ, response.start_response)
            client.is_known = is_known_caller(environ, client.is_known)
            try:
                for part in parts:
                    response.write(part)
                response.close()
            finally:
                if hasattr(parts, "close"):
                    parts.close()
            return not response.should_close()
        except OSError:
            # The client is gone.
            return False
        except Exception:
            self.log.exception("the request failed outside the application")
            if response is None or not response.headers_sent:
                failed = RefusedRequest(HTTPStatus.INTERNAL_SERVER_ERROR, "The server failed", "See its log.")
                client.sendall(failed.answer())
            return False

    def finish_request(self, client: Client, done: "Future[bool]") -> None:
        """Go on with `client`, whose request has been answered."""
        self._working.discard(client)
        self._queue.done(client)
        self._known.note(client.shown, client.is_known)
        self._given_out -= 1
        self._give_out()
        client.request = None
        client.is_last = done.cancelled() or done.exception() is not None or not done.result()
        self._do(self._send, client)

    def murder_pending(self) -> None:
        """Give up the connections that took too long."""
        now = time.monotonic()
        if now < self._next_look:
            return
        self._next_look = now + LOOK_EVERY_S
        self._sparing_log.look(now)
        if not self.alive:
            self._hurry(now)
        for client in self._crowd.expired(now):
            if client.stage is Stage.READING and client.reader.has_begun:
                self._do(self._refuse_late, client)
            else:
                self._drop(client, abruptly=client.stage is Stage.WRITING)

    def murder_keepalived(self, force: bool = False) -> None:
        """Close everything at the end of the process."""
        for client in list(self._crowd) if force else ():
            self._drop(client)

    def _hurry(self, now: float) -> None:
        """Give all that wait less time, as the process stops."""
        if self._stopping_at is None:
            self._stopping_at = now
        for client in self._crowd:
            has_work = client.stage is Stage.WRITING or client.reader.has_begun
            last = self._stopping_at + (STOP_S if has_work else ENDING_S)
            if client.pace.deadline > last:
                client.pace = Pace(last)

    def _do(self, step: Callable[[Client], None], client: Client) -> None:
        """Do the next step of a connection, whose faults are its own: the others go on."""
        try:
            if not client.is_closed:
                step(client)
        except RefusedRequest as refused:
            self._do(partial(self._refuse, refused), client)
        except OSError:
            # It was reset, or does not speak TLS as we do.
            self._drop(client)
        except Exception:
            self.log.exception("a connection failed")
            self._drop(client)

    def _ready(self, client: Client, _fileno: int) -> None:
        self._do(self._steps[client.stage], client)

    def _greet(self, client: Client) -> None:
        if not client.has_begun_tls:
            speaks_tls = client.speaks_tls()
            if speaks_tls is None:
                self._drop(client)
                return
            if not speaks_tls:
                raise RefusedRequest(
                    HTTPStatus.BAD_REQUEST,
                    "This port speaks HTTPS, and this is HTTP",
                    "Use an address that begins with https://",
                )
            client.begin_tls(self.app.certificate.context())
        try:
            client.shake_hands()
        except ssl.SSLWantReadError:
            self._wait(client, selectors.EVENT_READ)
            return
        except ssl.SSLWantWriteError:
            self._wait(client, selectors.EVENT_WRITE)
            return
        client.stage, client.pace = Stage.READING, Pace.within(HEAD_S, time.monotonic())
        self._wait(client, selectors.EVENT_READ)
        self._read(client)

    def _read(self, client: Client) -> None:
        while (data := client.receive()) is not None:
            if not data:
                client.reader.end()
                self._drop(client)
                return
            client.reader.feed(data)
            if self._take(client) or not client.has_more:
                return

    def _take(self, client: Client) -> bool:
        """Start the next request of `client` if it is whole, else say how long the rest may take."""
        had_head, now = client.reader.has_head, time.monotonic()
        request = client.reader.take()
        if request is not None:
            self._start(client, request)
            return True
        if client.stage is Stage.IDLE:
            self._leave(client)
            client.stage, client.pace = Stage.READING, Pace.within(HEAD_S, now)
            self._wait(client, selectors.EVENT_READ)
            self._make_room(self._crowd.excess(client))
        if client.reader.has_head:
            before = client.pace if had_head else Pace.steady(client.received, now)
            client.pace = before.after(client.received, now)
            if client.reader.takes_continue():
                client.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
                client.flush()
            self._spare_memory()
        return False

    def _start(self, client: Client, request: Any) -> None:
        self._leave(client)
        client.stage, client.request = Stage.WORKING, request
        client.is_large = request.body.getbuffer().nbytes > BODY_MAX
        client.shown = self._known.shown_in(request.headers)
        client.is_known = self._known.knows(client.shown)
        if len(self._working) >= self._room.requests:
            why = f"{self._room.requests} requests are waiting already"
            raise RefusedRequest(HTTPStatus.SERVICE_UNAVAILABLE, why)
        self.enqueue_req(client)

    def _send(self, client: Client) -> None:
        """Send what is left of an answer, and go on to what follows it."""
        if client.flush():
            self._after_answer(client)
            return
        self._leave(client)
        client.stage, client.pace = Stage.WRITING, Pace.steady(client.sent, time.monotonic())
        self._wait(client, selectors.EVENT_WRITE)
        self._make_room(self._crowd.excess(client))
        self._spare_memory()

    def _write(self, client: Client) -> None:
        if client.flush():
            self._after_answer(client)
        else:
            client.pace = client.pace.after(client.sent, time.monotonic())

    def _after_answer(self, client: Client) -> None:
        now = time.monotonic()
        self._leave(client)
        if client.is_last:
            client.end()
            client.stage, client.pace = Stage.ENDING, Pace.within(ENDING_S, now)
            client.received = 0
            self._wait(client, selectors.EVENT_READ)
            return
        client.stage, client.pace = Stage.IDLE, Pace.within(self.cfg.keepalive, now)
        self._wait(client, selectors.EVENT_READ)
        # Whether the client did not wait for the answer before it sent more.
        client.is_hasty = client.reader.has_begun
        if client.is_hasty:
            self._take(client)
        elif client.has_more:
            self._read(client)

    def _read_end(self, client: Client) -> None:
        if client.receive() == b"" or client.received > READ_UNASKED_MAX:
            self._drop(client)

    def _refuse_late(self, client: Client) -> None:
        what = "body" if client.reader.has_head else "head"
        raise RefusedRequest(HTTPStatus.REQUEST_TIMEOUT, f"The {what} of the request did not arrive in time")

    def _refuse(self, refused: RefusedRequest, client: Client) -> None:
        self._note(f"{refused.status.value} to {client.address}: {refused.why}")
        client.is_last = True
        client.sendall(refused.answer())
        self._send(client)

    def _wait(self, client: Client, events: int) -> None:
        """Have `_ready` called for `client` when its socket can be read or written."""
        if client in self._crowd:
            self.poller.modify(client.fileno, events, partial(self._ready, client))
        else:
            self.poller.register(client.fileno, events, partial(self._ready, client))
            self._crowd.add(client)

    def _leave(self, client: Client) -> None:
        if client in self._crowd:
            self.poller.unregister(client.fileno)
            self._crowd.remove(client)

    def _drop(self, client: Client, *, abruptly: bool = False) -> None:
        if not client.is_closed:
            self._leave(client)
            client.close(abruptly=abruptly)
            self.nr_conns -= 1

    def _make_room(self, client: Client | None) -> None:
        if client is not None:
            self._note(f"closed a connection of {client.address}, which was the oldest of too many")
            self._drop(client, abruptly=True)

    def _spare_memory(self) -> None:
        held = sum(client.held_bytes for client in self._working)
        self._make_room(self._crowd.hoarder(held))

    def _note(self, line: str) -> None:
        self._sparing_log.note(line, time.monotonic())
