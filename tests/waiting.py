"""Waiting for what is to come about: tests wait for events, never for a time."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

LIMIT_S = 60.0
"""When to give up. Long, because it says nothing of how fast the program is, only that a test has failed."""
_FIRST_POLL_S, _LONGEST_POLL_S = 0.02, 0.25
"""Seldom for what takes long: in the slow kernel each look holds up what it is for."""

T = TypeVar("T")


def until(condition: Callable[[], T], what: Callable[[], object] | str = "it", limit_s: float = LIMIT_S) -> T:
    """Return the first true result of `condition`; fail with `what` did not come about, or what it returns."""
    deadline, pause_s = time.monotonic() + limit_s, _FIRST_POLL_S
    while not (found := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {limit_s:g} s: {what if isinstance(what, str) else what()}")
        time.sleep(pause_s)
        pause_s = min(1.5 * pause_s, _LONGEST_POLL_S)
    return found


async def until_on_loop(condition: Callable[[], object]) -> None:
    """Return when `condition` holds, while the loop goes on."""
    deadline = time.monotonic() + LIMIT_S
    while not condition():
        assert time.monotonic() < deadline, f"not within {LIMIT_S:g} s"
        await asyncio.sleep(_FIRST_POLL_S)


def has_ended(pid: int) -> bool:
    """Return whether there is no such process, or only what is left of it until its parent has asked for it."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True
