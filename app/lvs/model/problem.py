"""What is wrong with a configuration, in words that tell the reader what to do."""

import enum
from dataclasses import dataclass

from app.lvs.model.printable import visible


class Severity(enum.StrEnum):
    """ERROR: refused, pulse keeps the last good configuration. WARNING: it works, but it will bite."""

    ERROR = "error"
    WARNING = "warning"


Path = tuple[str | int, ...]
"""Where in the model: ``("virtual", 0, "server", 2, "weight")``; counts from 0; ``()`` is the whole file."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding. `message` says what was found, what is accepted, and what to do.

    `line` and `column` count from 1; 0 where the problem has no place in a file.
    """

    severity: Severity
    path: Path
    message: str
    line: int = 0
    column: int = 0

    def __post_init__(self) -> None:
        # A message quotes what was found, and goes to terminals and logs.
        object.__setattr__(self, "message", visible(self.message))
