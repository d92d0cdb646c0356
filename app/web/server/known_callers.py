"""Who is known to be signed in or to hold a token of the API, before anybody has looked into the database.

A process remembers whose last request was let in, and serves them before strangers, however many these are. It
decides nothing else: the application judges each request anew.
"""

import hashlib
from collections.abc import Iterable

KNOWN_MAX = 512
"""How many are remembered in each process; who has not asked for the longest time is forgotten."""


class KnownCallers:
    """Of one process. What callers show is not kept, only a digest of it."""

    def __init__(self, session_cookie: str) -> None:
        """Take the name of the cookie with the session."""
        self._session_cookie = session_cookie
        self._known: dict[bytes, None] = {}

    def shown_in(self, headers: Iterable[tuple[str, str]]) -> bytes:
        """Return a digest of the session or token that a request shows; empty: it shows neither."""
        for name, value in headers:
            shown = value if name == "AUTHORIZATION" else ""
            if name == "COOKIE":
                shown = self._session_in(value)
            if shown:
                return hashlib.sha256(f"{name} {shown}".encode()).digest()
        return b""

    def _session_in(self, cookies: str) -> str:
        # Without decoding them: they may hold any bytes, and the session's are plain letters.
        pairs = (cookie.strip().partition("=") for cookie in cookies.split(";"))
        return next((value for name, _, value in pairs if name == self._session_cookie), "")

    def knows(self, shown: bytes) -> bool:
        """Return whether the last request that showed this was let in."""
        return shown in self._known

    def note(self, shown: bytes, is_known: bool) -> None:
        """Remember or forget who showed this, as the application has judged."""
        self._known.pop(shown, None)
        if is_known and shown:
            self._known[shown] = None
            if len(self._known) > KNOWN_MAX:
                del self._known[next(iter(self._known))]
