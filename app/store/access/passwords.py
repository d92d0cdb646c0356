"""How passwords are kept: argon2id, few at once, the same work for unknown names."""

import base64
import enum
import secrets
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError


class Lane(enum.Enum):
    """Who waits with whom: strangers among themselves, so that they never keep anybody waiting who is known."""

    STRANGERS = "strangers"
    KNOWN = "known"


HASHES_AT_ONCE = 1
"""In each lane; one takes 64 MiB and most of a processor for a tenth of a second."""
HASHES_WAITING: Mapping[Lane, int] = MappingProxyType({Lane.STRANGERS: 2, Lane.KNOWN: 1})
"""With those at work well below the threads of `palometa web`: the others serve pages meanwhile."""
OF_ONE_PLACE = 2
"""Of the strangers, at work and waiting, that may come from one place."""


class TooManyLogins(Exception):
    """More passwords are being checked than this machine can take; trying again in a moment does."""


class PasswordHashes:
    """Makes and checks password hashes, each when it is its turn."""

    def __init__(self, hasher: PasswordHasher) -> None:
        """Take `hasher`'s parameters; hashes made with others are renewed when their password is next given."""
        self._hasher = hasher
        self._lanes = {lane: _Queue(HASHES_AT_ONCE + waiting) for lane, waiting in HASHES_WAITING.items()}
        self._of_thread = threading.local()
        self._dummy = _unmatched_hash(hasher)

    def make(self, password: str) -> str:
        """Return the hash to keep for `password`; raise TooManyLogins."""
        with self.turn(Lane.KNOWN):
            return self._hasher.hash(_bytes(password))

    def is_right(self, kept: str | None, password: str) -> bool:
        """Return whether `password` is that of the hash `kept`; raise TooManyLogins.

        None stands for an unknown user: False, after the same work.
        """
        with self.turn(Lane.KNOWN):
            try:
                return self._hasher.verify(self._dummy if kept is None else kept, _bytes(password))
            except (VerificationError, InvalidHashError):
                return False

    def is_outdated(self, kept: str) -> bool:
        """Return whether the hash `kept` was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(kept)

    @contextmanager
    def turn(self, lane: Lane, place: str = "") -> Iterator[None]:
        """Wait for a turn in `lane`, which `make` and `is_right` of this thread then use; raise TooManyLogins.

        `place` is where a stranger comes from.
        """
        if getattr(self._of_thread, "has_turn", False):
            yield
            return
        with self._lanes[lane].turn(place if lane is Lane.STRANGERS else ""):
            self._of_thread.has_turn = True
            try:
                yield
            finally:
                self._of_thread.has_turn = False


class _Queue:
    """Those whose turn it is, and a few who wait for it."""

    def __init__(self, places: int) -> None:
        self._running = threading.Semaphore(HASHES_AT_ONCE)
        self._places = places
        self._lock = threading.Lock()
        self._taken: Counter[str] = Counter()

    @contextmanager
    def turn(self, place: str) -> Iterator[None]:
        with self._lock:
            is_full = self._taken.total() >= self._places or (place and self._taken[place] >= OF_ONE_PLACE)
            if is_full:
                raise TooManyLogins(
                    "Too many passwords are being checked at the moment. Nothing was changed. "
                    "Try again in a few seconds."
                )
            self._taken[place] += 1
        try:
            with self._running:
                yield
        finally:
            with self._lock:
                self._taken -= Counter({place: 1})


def _bytes(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")


def _unmatched_hash(hasher: PasswordHasher) -> str:
    """Return a hash of no password, which costs as much to check as a real one and nothing to make."""
    salt, digest = (
        base64.b64encode(secrets.token_bytes(length)).rstrip(b"=").decode()
        for length in (hasher.salt_len, hasher.hash_len)
    )
    parameters = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2id$v=19${parameters}${salt}${digest}"
