"""Very many who guess passwords at once: who is signed in gets pages meanwhile, and who guesses is answered."""

import re
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

from tests.web.server.pages import PATIENCE_S, Pages, head, status_of

GUESSING = 24
"""More than the web part has threads for pages."""
LOOKS = 10


class Guesser:
    """Somebody who has the form of the sign-in, and sends it with one password after the other."""

    def __init__(self, pages: Pages) -> None:
        form = pages.get("/login")
        cookie = re.search(rb"(?i)set-cookie: ([^;\r]+)", form)
        token = re.search(rb'name="csrf_token"[^>]*value="([^"]+)"', form)
        assert cookie
        assert token
        self._pages, self._cookie, self._token = pages, cookie[1].decode(), token[1].decode()

    def guess(self, number: int) -> int:
        """Guess the password of one of many names; return the status of the answer."""
        fields = {"csrf_token": self._token, "name": f"name{number}", "password": f"guess {number}"}
        body = urlencode(fields).encode()
        lines = (
            f"Cookie: {self._cookie}",
            "Content-Type: application/x-www-form-urlencoded",
            f"Content-Length: {len(body)}",
            "Connection: close",
        )
        return status_of(self._pages.answer(head("POST", "/login", *lines) + b"\r\n" + body, PATIENCE_S))


def test_who_is_signed_in_gets_pages_while_very_many_guess(pages: Pages) -> None:
    guesser, is_over, statuses = Guesser(pages), threading.Event(), Counter[int]()

    def go_on(place: int) -> None:
        number = place
        while not is_over.is_set():
            statuses[guesser.guess(number)] += 1
            number += GUESSING

    with ThreadPoolExecutor(GUESSING) as pool:
        flood = [pool.submit(go_on, place) for place in range(GUESSING)]
        try:
            looks = [status_of(pages.signed_in("/virtual")) for _ in range(LOOKS)]
        finally:
            is_over.set()
    for guessing in flood:
        guessing.result()
    assert looks == [200] * LOOKS
    # Judged wrong, too soon, or too many at once.
    assert set(statuses) <= {401, 429, 503}
    assert statuses[401]
