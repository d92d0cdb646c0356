"""One run of a check: what it is doing, whether it was answered, how long it may take, and how it can end."""

import asyncio
from dataclasses import dataclass

from app.lvs.checks.expect import quoted_bytes


class Unexpected(Exception):
    """The server answered, but not what it should; the message says what."""


class CannotAsk(Exception):
    """The director cannot run this check, which says nothing about the server; the message says why."""


@dataclass(slots=True)
class Step:
    """One step of an exchange, `at_s` seconds after its start."""

    at_s: float
    text: str


class Attempt:
    """What a probe leaves behind wherever it is ended.

    `doing` is the beginning of the result's sentence, `found` its end when all went well, `said` what a load agent
    said. `steps` are kept only where somebody wants to see them.
    """

    def __init__(self, doing: str, limit_s: float, deadline: asyncio.Timeout, *, is_traced: bool = False) -> None:
        self.limit_s = limit_s
        self.deadline = deadline
        self.is_reached = False
        self.found = ""
        self.said = ""
        self.steps: list[Step] | None = [] if is_traced else None
        self._began = asyncio.get_running_loop().time()
        self._doing = doing

    @property
    def doing(self) -> str:
        """What is being done."""
        return self._doing

    @doing.setter
    def doing(self, text: str) -> None:
        self._doing = text
        self.note(text)

    def note(self, text: str) -> None:
        """Keep a step of the exchange for somebody who wants to see it."""
        if self.steps is not None:
            self.steps.append(Step(asyncio.get_running_loop().time() - self._began, text))

    def note_bytes(self, what: str, data: bytes) -> None:
        """Keep what went over the wire, such as ("sent", b"QUIT"); put into words only where wanted."""
        if self.steps is not None:
            self.note(f"{what} {quoted_bytes(data)}")

    def pause(self) -> None:
        """Stop the clock: what is waited for is not the server."""
        self.deadline.reschedule(None)

    def resume(self) -> None:
        """Start the clock anew."""
        self.deadline.reschedule(asyncio.get_running_loop().time() + self.limit_s)
