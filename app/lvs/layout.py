"""How a block stood in its file: the raw lines, so that comments, unknown keys and order survive an edit."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a file, with its line end.

    `key` is the lvs.cf key the line sets, ``virtual``, ``failover`` or ``server`` where a block of that kind
    stands (its own layout holds its lines, `text` is empty), or None: comment, blank, unknown key, brace.
    """

    text: str
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """The lines of one block in file order; of a named block the first and the last hold its braces."""

    lines: tuple[Line, ...]
