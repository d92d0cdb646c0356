"""The answers of a load agent, in the format of HAProxy's agent-check, and their effect on the weight."""

import enum
import re
from dataclasses import dataclass

FULL = 100
_PERCENT = re.compile(r"(\d{1,9})%", re.ASCII)
_BLANKS = re.compile(r"[\s,]+")


class AgentState(enum.Enum):
    """The state a server requests for itself. DOWN: it reports a failure; MAINTENANCE: it is being worked on."""

    READY = "ready"
    DRAIN = "drain"
    MAINTENANCE = "maint"
    DOWN = "down"


_STATES = {
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
    """One line of an agent; None: it does not mention that."""

    percent: int | None = None
    stance: AgentState | None = None


@dataclass(frozen=True, slots=True)
class Load:
    """The result of all lines so far: the share of the weight in percent, and the stance."""

    percent: int = FULL
    stance: AgentState = AgentState.READY


ALL = Load()
"""The full weight, which applies until an agent reports something else."""


def parse_load(line: str) -> LoadReading:
    """Parse `line`; the last word on each subject applies, and unknown words are ignored.

    Text after ``#`` is a comment.
    """
    percent: int | None = None
    stance: AgentState | None = None
    for word in _BLANKS.split(line.partition("#")[0].lower()):
        if match := _PERCENT.fullmatch(word):
            percent = min(int(match[1]), FULL)
        else:
            stance = _STATES.get(word, stance)
    return LoadReading(percent, stance)


def load_after(load: Load, reading: LoadReading, step: int, floor: int) -> Load:
    """Return `load` updated with one more reading.

    The share moves by at most `step` percent at a time, and is never below `floor` percent.
    """
    percent = load.percent
    if reading.percent is not None:
        percent = max(percent - step, min(percent + step, reading.percent))
    return Load(max(percent, floor), reading.stance or load.stance)
