"""Pieces of lvs.cf joined so that none runs into the next: line ends and braces that a file left out come in."""

from collections.abc import Iterable
from typing import NamedTuple

_BOM = "\ufeff"


class Written(NamedTuple):
    """A piece of the file. `closers` are braces it leaves out; they are due as soon as anything follows."""

    text: str
    closers: str = ""


def joined(pieces: Iterable[Written]) -> Written:
    """Return `pieces` as one."""
    parts: list[str] = []
    closers = ""
    for piece in pieces:
        if not piece.text:
            continue
        if not piece.text.startswith("\0"):
            if parts and not parts[-1].endswith(("\n", "\r", _BOM)):
                parts.append("\n")
            if closers:
                parts.append(closers)
        parts.append(piece.text)
        closers = piece.closers
    return Written("".join(parts), closers)
