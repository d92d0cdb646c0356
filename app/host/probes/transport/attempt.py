"""One run of a check: its current step, whether anything answered, its time limit, and the ways it can fail."""

import asyncio
from dataclasses import dataclass

from app.lvs.checks.expect import quoted_bytes


class Unexpected(Exception):
    """The server answered, but not as required; the message says what it answered."""


class CannotAsk(Exception):
    """The director cannot run this check, which says nothing about the server; the message says why."""


@dataclass(slots=True)
class Step:
    """One step of an exchange, `at_s` seconds after its start."""

    at_s: float
    text: str


class Attempt:
    """The state a probe leaves behind wherever it is interrupted.

    `doing` begins the message of the result, and `found` ends it if the check passes; `agent_line` is a load
    agent's answer. `remark` is added to the result, whatever it is. `helo_name` is what this machine is to be
    called, if not by its own name. `steps` are recorded only for a traced run, with `shown_max` bytes of the
    answer (None: all).
    """

    def __init__(
        self,
        doing: str,
        limit_s: float,
        deadline: asyncio.Timeout,
        *,
        is_traced: bool = False,
        shown_max: int | None = None,
    ) -> None:
        self.limit_s = limit_s
        self.deadline = deadline
        self.is_reached = False
        self.found = ""
        self.agent_line = ""
        self.remark = ""
        self.helo_name = ""
        self.steps: list[Step] | None = [] if is_traced else None
        self._shown_left = shown_max
        self._began = asyncio.get_running_loop().time()
        self._doing = doing

    @property
    def doing(self) -> str:
        """The current step."""
        return self._doing

    @doing.setter
    def doing(self, text: str) -> None:
        self._doing = text
        self.note(text)

    def note(self, text: str) -> None:
        """Record a step of the exchange if this run is traced."""
        if self.steps is not None:
            self.steps.append(Step(asyncio.get_running_loop().time() - self._began, text))

    def note_bytes(self, what: str, data: bytes) -> None:
        """Record data that was sent, or is compared in full, such as ("sent", b"QUIT"), if this run is traced."""
        if self.steps is not None:
            self.note(f"{what} {quoted_bytes(data)}")

    def note_answer(self, data: bytes) -> None:
        """Record what was received, as far as it may be shown, if this run is traced."""
        if self.steps is None:
            return
        shown = data if self._shown_left is None else data[: self._shown_left]
        if self._shown_left is not None:
            self._shown_left -= len(shown)
        rest = len(data) - len(shown)
        if not rest:
            self.note_bytes("received", shown)
        elif shown:
            self.note(f"received {quoted_bytes(shown)} and {rest} bytes that are not compared")
        else:
            self.note(f"received {rest} bytes that are not compared")

    def pause(self) -> None:
        """Stop the clock while waiting for anything but the server."""
        self.deadline.reschedule(None)

    def resume(self) -> None:
        """Restart the clock with the full limit."""
        self.deadline.reschedule(asyncio.get_running_loop().time() + self.limit_s)
