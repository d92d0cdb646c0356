"""One run of a check: what it is doing, whether it was answered, how long it may take, and how it can end."""

import asyncio
from dataclasses import dataclass


class Unexpected(Exception):
    """The server answered, but not what it should; the message says what."""


class CannotAsk(Exception):
    """The director cannot run this check, which says nothing about the server; the message says why."""


@dataclass(slots=True)
class Attempt:
    """What a probe leaves behind wherever it is ended. `doing` is the beginning of the result's sentence."""

    doing: str
    limit_s: float
    deadline: asyncio.Timeout
    is_reached: bool = False
    found: str = ""

    def pause(self) -> None:
        """Stop the clock: what is waited for is not the server."""
        self.deadline.reschedule(None)

    def resume(self) -> None:
        """Start the clock anew."""
        self.deadline.reschedule(asyncio.get_running_loop().time() + self.limit_s)
