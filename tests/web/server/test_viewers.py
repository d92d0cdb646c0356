"""Very many who look at CONTROL/MONITORING share what pulse is asked, and who takes no answer delays nobody."""

import socket
import time
from contextlib import ExitStack

from app.commands.web import WORKERS
from app.web.status.pulse_client import KEPT_S
from tests.web.pulse_double import running_pulse
from tests.web.server.pages import PATIENCE_S, Pages, head, rest_of, status_of

VIEWERS = 200
ROUNDS = 3
TABLE = "/control/table"
SERVICE = b"192.168.26.10"


def asking(pages: Pages, number: int) -> socket.socket:
    """Return a connection of a viewer, at an address of their own, who has asked for the table."""
    address = ("127.0.0.1", pages.port)
    connection = socket.create_connection(address, PATIENCE_S, source_address=(f"127.0.1.{number + 1}", 0))
    connection.sendall(head("GET", TABLE, f"Cookie: {pages.cookie}", "Connection: close") + b"\r\n")
    return connection


def test_two_hundred_viewers_share_what_pulse_is_asked(pages: Pages) -> None:
    with running_pulse(pages.log_file.parent / "pulse.sock") as pulse, ExitStack() as stack:
        assert SERVICE in pages.signed_in(TABLE)
        questions, began = pulse.asked, time.monotonic()
        for number in range(VIEWERS):
            # They never read.
            stack.enter_context(asking(pages, number))
        for _ in range(ROUNDS):
            viewers = [stack.enter_context(asking(pages, number)) for number in range(VIEWERS)]
            answers = [rest_of(connection) for connection in viewers]
            assert [status_of(answer) for answer in answers] == [200] * VIEWERS
            assert all(SERVICE in answer for answer in answers)
        # Each process of the web part asks once in that time.
        most = WORKERS * ((time.monotonic() - began) / KEPT_S + 1)
        assert pulse.asked - questions <= questions * most
