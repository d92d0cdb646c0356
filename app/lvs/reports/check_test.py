"""What pulse answers to the verb ``test``: one run of each check of some real servers, step by step, as types."""

from typing import TypedDict


class TracedStep(TypedDict):
    """One step of an exchange, `at_ms` after its start."""

    at_ms: float
    text: str


class CheckTrialReport(TypedDict):
    """One check that was run once; `outcome` is passed, failed or not run."""

    kind: str
    target: str
    outcome: str
    message: str
    duration_ms: float
    steps: list[TracedStep]


class ServerTrialReport(TypedDict):
    """A real server; without `checks` nothing can be asked of it."""

    name: str
    checks: list[CheckTrialReport]


class TrialReport(TypedDict):
    """The servers in the order of the file."""

    servers: list[ServerTrialReport]
