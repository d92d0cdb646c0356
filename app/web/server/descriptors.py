"""How many connections and requests a process takes on with the file descriptors it may have.

Those who wait leave some to those who are answered: a page opens the database, lvs.cf and the socket of pulse.
"""

import resource
from dataclasses import dataclass

from app.web.server.crowd import WAITING_MAX

WANTED = 4096
QUEUE_MAX = 400
"""How many whole requests may wait for a thread, or be worked on."""
_OWN = 20
"""What a process has open without any connection; it is half of it."""
_OF_REQUEST = 8
"""What the work on one request opens at most: a connection to SQLite has three."""


@dataclass(frozen=True, slots=True)
class Room:
    """How many connections may wait, whole requests be here, and of these be given to the threads."""

    waiting: int
    requests: int
    at_once: int


def allow_descriptors() -> int:
    """Raise the limit of this process as far as is wanted and permitted, and return it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = WANTED if hard == resource.RLIM_INFINITY else min(WANTED, hard)
    if soft == resource.RLIM_INFINITY:
        return WANTED
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return max(soft, wanted)


def room_with(descriptors: int, threads: int) -> Room:
    """Return what there is room for with that many descriptors; few are shared out, and each gets one at least."""
    at_once = max(1, min(2 * threads, (descriptors - _OWN) // (2 * _OF_REQUEST)))
    rest = descriptors - _OWN - at_once * _OF_REQUEST
    return Room(max(1, min(WAITING_MAX, rest * 9 // 16)), max(1, min(QUEUE_MAX, rest * 7 // 16)), at_once)
