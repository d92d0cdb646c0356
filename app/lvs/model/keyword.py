"""What one lvs.cf keyword is: the shape of a row of the tables in `keywords_*.py`."""

import enum
from dataclasses import dataclass, field
from typing import Any

from app.lvs.model.values import Address, Floating, Netmask

Value = str | int | bool | Address | Floating | Netmask | tuple[Any, ...]
"""Anything a keyword can hold; enum members are strings."""


class ValueKind(enum.Enum):
    """How a value is written and read."""

    INTEGER = "integer"
    BOOLEAN = "boolean"
    ADDRESS = "address"
    FLOATING = "address and device"
    NETMASK = "netmask"
    PORT = "port"
    CHOICE = "choice"
    CHOICES = "choices"
    TEXT = "text"
    QUOTED = "quoted text"
    WORDS = "words"


class BlockKind(enum.StrEnum):
    """The block a keyword may stand in; the value is the word that opens the block."""

    GLOBAL = ""
    VIRTUAL = "virtual"
    FAILOVER = "failover"
    SERVER = "server"


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyword:
    """One key of lvs.cf.

    `default` holds when the key is absent (the daemons' rule), `added` is what the ADD button writes; they
    differ. `low` and `high` bound what the rules accept, both included; the grammar itself has no bounds.
    `choices` is the enum of a CHOICE or CHOICES. `has_effect` False: kept and written, but nothing acts on it.
    """

    name: str
    kind: ValueKind
    label: str
    help: str
    default: Value | None = None
    added: Value | None = None
    low: int | None = None
    high: int | None = None
    unit: str = ""
    choices: type[enum.StrEnum] | None = None
    piranha: bool = True
    has_effect: bool = True
    piranha_choices: frozenset[str] | None = field(default=None)
