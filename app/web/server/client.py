"""One client's connection: its socket, which never blocks, and what it waits for."""

import ssl
from collections import deque
from contextlib import suppress
from enum import Enum, auto
from socket import MSG_PEEK, SHUT_WR, SO_LINGER, SOL_SOCKET, socket
from struct import pack
from typing import Any

from app.web.server.pace import Pace
from app.web.server.request_reader import RequestReader

RECEIVED_MAX = 64 * 1024
"""How much is read at a time."""
GATHERED_MAX = 64 * 1024
"""How much of an answer is put together before it is sent."""
SENT_MAX = 256 * 1024
_TLS_RECORD = 16 * 1024
"""How much is sent at a time; over TLS, only what is sent as a whole counts as progress."""
_HANDSHAKE = 0x16
"""The first byte of every TLS connection; no HTTP request begins with it."""


class Stage(Enum):
    """What a connection waits for."""

    GREETING = auto()
    """The TLS handshake."""
    READING = auto()
    """The rest of a request; of a new connection, the first byte."""
    WORKING = auto()
    """The application, in a thread, or a free thread."""
    WRITING = auto()
    """The client, which has to take the answer."""
    IDLE = auto()
    """The next request."""
    ENDING = auto()
    """The client's end of a connection that has been ended from here."""


class Client:
    """A client and its connection. While it is WORKING only the thread that works for it uses it."""

    def __init__(self, sock: socket, peer: Any, server: Any, reader: RequestReader, pace: Pace) -> None:
        sock.setblocking(False)
        self._sock = sock
        self.fileno = sock.fileno()
        self.peer = peer
        self.server = server
        self.reader = reader
        self.pace = pace
        self.stage = Stage.READING
        self.request: Any = None
        self.is_last = False
        self.is_hasty = False
        self.is_large = False
        self.is_known = False
        self.shown = b""
        self.is_closed = False
        self.received = 0
        self.sent = 0
        self._unsent: deque[memoryview] = deque()
        self._unsent_bytes = 0
        self._is_tried = False

    @property
    def address(self) -> str:
        """The address at the other end; of a proxy, if there is one."""
        return str(self.peer[0])

    @property
    def held_bytes(self) -> int:
        """How much memory is taken by what was received and is not yet answered, and by the unsent answer."""
        return self.reader.held_bytes + self._unsent_bytes

    @property
    def _tls(self) -> ssl.SSLSocket | None:
        return self._sock if isinstance(self._sock, ssl.SSLSocket) else None

    def speaks_tls(self) -> bool | None:
        """Whether the first byte is that of a TLS connection; None: the connection ended without one."""
        first = self._sock.recv(1, MSG_PEEK)
        return first[0] == _HANDSHAKE if first else None

    @property
    def has_begun_tls(self) -> bool:
        """Whether `begin_tls` was called."""
        return self._tls is not None

    def begin_tls(self, context: ssl.SSLContext) -> None:
        """Speak TLS from now on; the handshake follows."""
        self._sock = context.wrap_socket(self._sock, server_side=True, do_handshake_on_connect=False)

    def shake_hands(self) -> None:
        """Go on with the TLS handshake; raises SSLWantReadError or SSLWantWriteError until it is done."""
        if self._tls is not None:
            self._tls.do_handshake()

    def receive(self) -> bytes | None:
        """Return what has arrived; None: nothing at the moment; nothing in it: the client has ended its side."""
        try:
            data = self._sock.recv(RECEIVED_MAX)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return None
        self.received += len(data)
        return data

    @property
    def has_more(self) -> bool:
        """Whether something has been decrypted and not yet received, of which the poller knows nothing."""
        return self._tls is not None and self._tls.pending() > 0

    def sendall(self, data: bytes) -> None:
        """Send `data`, now or later; gunicorn writes an answer with it."""
        if data:
            self._unsent.append(memoryview(bytes(data)))
            self._unsent_bytes += len(data)
        if self._unsent_bytes >= GATHERED_MAX:
            self.flush()

    def flush(self) -> bool:
        """Send what the client takes at the moment; return whether nothing is left."""
        self._gather()
        while self._unsent:
            first, self._is_tried = self._unsent[0], True
            try:
                count = self._sock.send(first[: _TLS_RECORD if self._tls is not None else SENT_MAX])
            except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                return False
            self.sent += count
            self._unsent_bytes -= count
            if count == len(first):
                self._unsent.popleft()
            else:
                self._unsent[0] = first[count:]
        self._is_tried = False
        return True

    def _gather(self) -> None:
        """Make one piece of the pieces of a small answer, which then goes out as one packet.

        Not of a large one, nor of one of which a part was tried: TLS wants the same bytes in the next attempt.
        """
        if not self._is_tried and len(self._unsent) > 1 and self._unsent_bytes <= 2 * GATHERED_MAX:
            self._unsent = deque([memoryview(b"".join(self._unsent))])

    def end(self) -> None:
        """End this side of the connection. What the client still sends is to be read, or it loses the answer."""
        if self._tls is not None:
            # The client has not ended its side of TLS yet, and need not.
            with suppress(OSError, ValueError):
                self._tls.unwrap()
        self._sock.shutdown(SHUT_WR)

    def close(self, *, abruptly: bool = False) -> None:
        """Close the connection; `abruptly`: the kernel also forgets what the client has not taken."""
        self.is_closed = True
        if abruptly:
            with suppress(OSError):
                self._sock.setsockopt(SOL_SOCKET, SO_LINGER, pack("ii", 1, 0))
        self._sock.close()
