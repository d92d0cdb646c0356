"""How long a connection may take for what it has to do: a time, or a time and a pace."""

from dataclasses import dataclass, replace
from typing import Final

HANDSHAKE_S: Final = 10.0
"""For the TLS handshake."""
HEAD_S: Final = 10.0
"""For the first request, or the head of any, from its first byte."""
STALL_S: Final = 10.0
"""How long a body may stand still, and an answer not be taken."""
BYTES_PER_S: Final = 2000
"""Less than a modem: who sends or reads slower on the whole is not waited for."""
ENDING_S: Final = 2.0
"""For the client's end of a connection that was ended from here."""


@dataclass(frozen=True, slots=True)
class Pace:
    """`deadline`: when the connection is given up, of time.monotonic()."""

    deadline: float
    begun: float = 0.0
    from_count: int = 0

    @classmethod
    def within(cls, seconds: float, now: float) -> "Pace":
        """All of it within `seconds`, however much comes meanwhile."""
        return cls(now + seconds)

    @classmethod
    def steady(cls, count: int, now: float) -> "Pace":
        """Some of it every STALL_S, and BYTES_PER_S on the whole; `count` bytes were moved before it."""
        return cls(now + STALL_S, now, count)

    def after(self, count: int, now: float) -> "Pace":
        """Return the same pace when `count` bytes have been moved altogether."""
        earned = self.begun + STALL_S + (count - self.from_count) / BYTES_PER_S
        return replace(self, deadline=min(now + STALL_S, earned))
