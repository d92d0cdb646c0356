"""Servers in a thread, as independent of a check as any other, that end their connections as they like."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress

_RESETTING = b"\x01\0\0\0\0\0\0\0"
Session = Callable[[socket.socket], None]


@contextmanager
def serving(session: Session) -> Iterator[int]:
    """Serve `session`, in a thread as any other server would, and yield its port."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    # Else a reset would drop what still waits to be sent.
                    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    with connection, suppress(OSError):
                        session(connection)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(10)
        assert not thread.is_alive()


def reset(connection: socket.socket) -> None:
    """Reset the connection, once everything that was sent has arrived."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESETTING)


def unasked(answer: bytes) -> Session:
    """Return a session that answers without reading what is asked, as a script under xinetd does."""
    return lambda connection: connection.sendall(answer)


def unasked_and_reset(answer: bytes) -> Session:
    def session(connection: socket.socket) -> None:
        connection.sendall(answer)
        reset(connection)

    return session


def asked(answer: bytes, *before: bytes) -> Session:
    """Return a session that says `before`, one for each time it is spoken to, then `answer`, and resets."""

    def session(connection: socket.socket) -> None:
        for line in before:
            if line:
                connection.sendall(line)
            connection.recv(4096)
        connection.sendall(answer)
        reset(connection)

    return session
