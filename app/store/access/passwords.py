"""Which passwords are taken, and how they are kept: argon2id, few at once, the same work for unknown names."""

import base64
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LENGTH_MIN = 12
LENGTH_MAX = 1024
DISTINCT_MIN = 5
HASHES_AT_ONCE = 2
HASHES_WAITING = 16

PRODUCT_WORDS = (
    "palometa",
    "piranha",
    "linuxvirtualserver",
    "virtualserver",
    "keepalived",
    "ipvsadm",
    "ipvs",
    "lvs",
)
COMMON_WORDS = (
    *("password", "passwd", "passphrase", "admin", "administrator", "root", "user", "login", "welcome", "letmein"),
    *(
        "changeme",
        "default",
        "secret",
        "iloveyou",
        "monkey",
        "dragon",
        "football",
        "baseball",
        "sunshine",
        "princess",
    ),
    *("master", "superman", "trustno", "redhat", "centos", "debian", "linux", "server", "test", "guest", "hello"),
)
KEYBOARD_RUNS = (
    "abcdefghijklmnopqrstuvwxyz",
    *("qwertyuiopasdfghjklzxcvbnm", "qwertzuiopasdfghjklyxcvbnm", "qazwsxedcrfvtgbyhnujmikolp"),
    *(
        "1q2w3e4r5t6z7u8i9o0p",
        "1q2w3e4r5t6y7u8i9o0p",
        "q1w2e3r4t5y6u7i8o9p0",
        "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    ),
    *("01234567890123456789", "98765432109876543210"),
)
LOOK_ALIKES = tuple(str.maketrans("0134578@$", letters) for letters in ("oleastbas", "oieastbas"))


class PasswordRefused(Exception):
    """A password that is not taken; the message says why, and what is."""


class TooManyLogins(Exception):
    """More passwords are being checked than this machine can take; trying again in a moment does."""


def refuse_weak(name: str, password: str) -> None:
    """Raise PasswordRefused for a password that others would soon guess; `name` is whose it is."""
    if not LENGTH_MIN <= len(password) <= LENGTH_MAX:
        raise PasswordRefused(
            f"The password has {len(password)} characters; {LENGTH_MIN} to {LENGTH_MAX} are accepted. "
            "Several unrelated words make a good one."
        )
    folded = password.casefold()
    if len(set(folded)) < DISTINCT_MIN:
        raise PasswordRefused(
            f"The password repeats fewer than {DISTINCT_MIN} different characters; choose a more varied one."
        )
    if any(folded in run or folded in run[::-1] for run in KEYBOARD_RUNS):
        raise PasswordRefused(
            "The password is a run of adjacent keys or characters; choose one that is not a sequence."
        )
    words = (*PRODUCT_WORDS, *COMMON_WORDS, *filter(None, (_letters(name.casefold()),)))
    if folded == name.casefold() or any(_is_made_of(letters, words) for letters in _readings(folded)):
        raise PasswordRefused(
            "The password consists only of the user name, product names or common words, with at most some digits "
            "and symbols added; choose one made of several unrelated words."
        )


def _readings(folded: str) -> Iterator[str]:
    """Yield the letters of a password, as they are, and with digits, all or those within, read as look-alikes."""
    yield _letters(folded)
    begin = next((place for place, character in enumerate(folded) if character.isalpha()), 0)
    end = next((place for place in range(len(folded), 0, -1) if folded[place - 1].isalpha()), 0)
    for look_alikes in LOOK_ALIKES:
        yield _letters(folded.translate(look_alikes))
        yield _letters(folded[begin:end].translate(look_alikes))


def _letters(text: str) -> str:
    return "".join(character for character in text if character.isalpha())


def _is_made_of(text: str, words: tuple[str, ...]) -> bool:
    """Return whether `text` is nothing but `words` in a row; in time linear in its length."""
    reached = {0}
    for place in range(len(text)):
        if place in reached:
            reached.update(place + len(word) for word in words if text.startswith(word, place))
    return bool(text) and len(text) in reached


class PasswordHashes:
    """Makes and checks password hashes; at most two at once, as each takes 64 MiB, and sixteen waiting."""

    def __init__(self, hasher: PasswordHasher) -> None:
        """Take `hasher`'s parameters; hashes made with others are renewed when their password is next given."""
        self._hasher = hasher
        self._running = threading.Semaphore(HASHES_AT_ONCE)
        self.places = threading.Semaphore(HASHES_AT_ONCE + HASHES_WAITING)
        self._dummy = _unmatched_hash(hasher)

    def make(self, password: str) -> str:
        """Return the hash to keep for `password`; raise TooManyLogins."""
        with self._turn():
            return self._hasher.hash(_bytes(password))

    def is_right(self, kept: str | None, password: str) -> bool:
        """Return whether `password` is that of the hash `kept`; raise TooManyLogins.

        None stands for an unknown user: False, after the same work.
        """
        with self._turn():
            try:
                return self._hasher.verify(self._dummy if kept is None else kept, _bytes(password))
            except (VerificationError, InvalidHashError):
                return False

    def is_outdated(self, kept: str) -> bool:
        """Return whether the hash `kept` was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(kept)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self.places.acquire(blocking=False):
            raise TooManyLogins(
                "Too many passwords are being checked at the moment. Nothing was changed. "
                "Try again in a few seconds."
            )
        try:
            with self._running:
                yield
        finally:
            self.places.release()


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
