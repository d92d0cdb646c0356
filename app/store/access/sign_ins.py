"""Judging a name and a password: throttled, counted, few at once, in that order.

What is refused costs as little as it can: a name that is too long is not looked at, a throttled one is not hashed,
and none is written down before it is its turn.
"""

from app.store.access.attempts import Attempts, Origin, Standing, Throttled
from app.store.access.passwords import Lane, PasswordHashes
from app.store.access.users import NAME_MAX, User, Users


class SignIns:
    """The one way to try a password."""

    def __init__(self, users: Users, attempts: Attempts, hashes: PasswordHashes) -> None:
        self._users = users
        self._attempts = attempts
        self._hashes = hashes

    def judge(self, name: str, password: str, origin: Origin) -> User | None:
        """Return the user if the password is theirs; None otherwise.

        Raises Throttled where the name may not be tried now, TooManyLogins where others are being judged; neither
        counts as a failure.
        """
        if len(name) > NAME_MAX:
            return None
        wait_s = self._attempts.wait_s(name, origin)
        if wait_s > 0:
            raise Throttled(wait_s)
        is_device = self._attempts.standing(name, origin) is Standing.DEVICE
        lane = Lane.KNOWN if is_device else Lane.STRANGERS
        with self._hashes.turn(lane, origin.remote):
            attempt = self._attempts.begin(name, origin)
            user = self._users.verify(name, password)
            if user is not None:
                self._attempts.succeeded(attempt)
            return user
