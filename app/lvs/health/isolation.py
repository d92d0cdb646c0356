"""When every server fails at once, the director rather suspects itself.

The sign: nothing at all answers any more, not even with a refusal, and all that had clients went within the
time one common cause needs to be noticed by every check. Then the network of the director is the likelier
culprit, and taking everything out would help nobody.
"""

from collections.abc import Collection
from dataclasses import dataclass

from app.lvs.model.values import Address

ADDRESSES_MIN = 2
"""One machine that falls silent is that machine's failure."""


@dataclass(frozen=True, slots=True)
class FailedServer:
    """A server that had clients and is down: when it went, and how long its check takes to notice a failure."""

    address: Address
    down_at: float
    notice_s: float


def failed_together(fallen: Collection[FailedServer], now: float) -> list[FailedServer]:
    """Return those of `fallen` that went at once, by one cause; empty when that is fewer than two machines.

    The caller has made sure that nothing answers and that no server is left in.
    """
    window_s = max((server.notice_s for server in fallen), default=0.0)
    recent = [server for server in fallen if now - server.down_at <= window_s]
    return recent if len({server.address for server in recent}) >= ADDRESSES_MIN else []
