"""Judging names and passwords: a try counts before it is judged, so that tries at once cannot pass together."""

from contextlib import suppress

from argon2 import PasswordHasher

from app.store import Origin, Throttled, open_store
from app.store.access.attempts import PAIR_FREE
from tests.store.stores import FAST, Clock

HERE = Origin("192.0.2.1")
TRIES = 3 * PAIR_FREE


def test_a_try_that_begins_while_others_are_judged_counts_them(url: str, clock: Clock) -> None:
    class Meanwhile(PasswordHasher):
        """While one password is judged, the next one is tried."""

        def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # type: ignore[override]
            judged.append(str(password))
            if len(judged) < TRIES:
                with suppress(Throttled):
                    store.sign_ins.judge("anna", "wrong", HERE)
            return super().verify(hash, password)

    judged: list[str] = []
    hasher = Meanwhile(FAST.time_cost, FAST.memory_cost, FAST.parallelism)
    store = open_store(url, now=clock, hasher=hasher)
    try:
        assert store.sign_ins.judge("anna", "wrong", HERE) is None
        assert len(judged) == PAIR_FREE
    finally:
        store.close()
