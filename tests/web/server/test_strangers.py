"""Strangers by the dozen whose requests take long: who is signed in is answered before them."""

import select
from contextlib import ExitStack

from app.commands.web import THREADS, WORKERS
from tests.web.held_database import held
from tests.web.server.pages import Pages, first_of, head, status_of

CONNECTIONS = 4
"""So that some process gets one that is kept, whichever that is."""


def test_who_is_signed_in_is_served_while_strangers_wait(pages: Pages) -> None:
    page = head("GET", "/virtual", f"Cookie: {pages.cookie}") + b"\r\n"
    # A guess is written down before it is answered, which takes as long as the database is locked.
    guess = head("GET", "/api/virtual", "Authorization: Bearer guessed") + b"\r\n"
    with ExitStack() as stack:
        kept = [stack.enter_context(pages.plain()) for _ in range(CONNECTIONS)]
        for connection in kept:
            connection.sendall(page)
            assert status_of(first_of(connection)) == 200
        stack.enter_context(held(pages.log_file.parent / "palometa.db"))
        strangers = [stack.enter_context(pages.plain()) for _ in range(2 * THREADS * WORKERS)]
        for stranger in strangers:
            stranger.sendall(guess)
        for connection in kept:
            connection.sendall(page)
            assert status_of(first_of(connection)) == 200
        answered, _, _ = select.select(strangers, [], [], 0)
        assert not answered
