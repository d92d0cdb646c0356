"""What a load agent says, and what follows for the weight: the words of HAProxy's agent-check."""

import enum
import re
from dataclasses import dataclass

FULL = 100
_PERCENT = re.compile(r"(\d{1,9})%", re.ASCII)
_BLANKS = re.compile(r"[\s,]+")


class AgentState(enum.Enum):
    """What a server wants for itself. DOWN: it says it has failed, MAINTENANCE: that it is being worked on."""

    READY = "ready"
    DRAIN = "drain"
    MAINTENANCE = "maint"
    DOWN = "down"


_STANCES = {
    "up": AgentState.READY,
    "ready": AgentState.READY,
    "drain": AgentState.DRAIN,
    "maint": AgentState.MAINTENANCE,
    "down": AgentState.DOWN,
    "fail": AgentState.DOWN,
    "failed": AgentState.DOWN,
    "stopped": AgentState.DOWN,
}


@dataclass(frozen=True, slots=True)
class LoadReading:
    """One line of an agent; None: it says nothing of that."""

    percent: int | None = None
    stance: AgentState | None = None


@dataclass(frozen=True, slots=True)
class Load:
    """What holds by all lines so far: the share of the weight in percent, and the stance."""

    percent: int = FULL
    stance: AgentState = AgentState.READY


ALL = Load()
"""The whole weight: what holds until an agent has said something else."""


def parse_load(said: str) -> LoadReading:
    """Return what the line `said` means; of two words about one thing the last holds, unknown ones are ignored.

    What follows ``#`` is a reason for people.
    """
    percent: int | None = None
    stance: AgentState | None = None
    for word in _BLANKS.split(said.partition("#")[0].lower()):
        if match := _PERCENT.fullmatch(word):
            percent = min(int(match[1]), FULL)
        else:
            stance = _STANCES.get(word, stance)
    return LoadReading(percent, stance)


def load_after(load: Load, reading: LoadReading, step: int, floor: int) -> Load:
    """Return what becomes of `load` with one more reading.

    The share moves by at most `step` percent at a time, and is never below `floor` percent.
    """
    percent = load.percent
    if reading.percent is not None:
        percent = max(percent - step, min(percent + step, reading.percent))
    return Load(max(percent, floor), reading.stance or load.stance)
