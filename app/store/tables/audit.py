"""The audit entry of a change: what was changed, by whom and when."""

import enum
from dataclasses import dataclass
from datetime import datetime


class ObjectKind(enum.StrEnum):
    """What a change was made to."""

    GLOBALS = "globals"
    VIRTUAL = "virtual"
    SERVER = "server"
    FAILOVER = "failover"


@dataclass(frozen=True, slots=True)
class Signature:
    """Who makes a change: `author` is a user's name, `remote` where they sit, None for this machine."""

    serial_no: int
    at: datetime
    author: str
    remote: str | None
