"""The text of lvs.cf, cut where its virtual and failover blocks begin: for little where little changed."""

import re
from collections.abc import Sequence
from itertools import pairwise

_HEADERS = tuple(re.compile(rf"{word}(?=[ \t{{\"'\r\n]|\Z)") for word in ("virtual", "failover"))


def pieces(text: str, earlier: Sequence[str] = ()) -> list[str]:
    """Return the global lines before the first block, then each block with what follows it up to the next.

    `earlier` is what this returned for another text. Those at the beginning and at the end that are the same here
    are these very objects. So only what is between is searched, which takes a tenth of the time where one line of
    a thousand blocks changed.
    """
    first, start = _same_before(text, earlier)
    last, end = _same_after(text, earlier, first, start)
    # Whether a line begins a block is seen in the character before it and in itself. So the piece next to what
    # changed may begin or end elsewhere now, and is split again; those beyond it cannot.
    # A header word that ended the whole earlier text may go on here and begin no block any more: one more, then.
    for _ in range(min(2 if first == len(earlier) else 1, first)):
        first -= 1
        start -= len(earlier[first])
    if last < len(earlier):
        end += len(earlier[last])
        last += 1
    starts = _block_starts(text, start, end)
    # Where the global lines are among what is searched they come first, and may be empty.
    bounds = [start, *(boundary for boundary in starts if first == 0 or boundary > start), end]
    found = [text[begin:stop] for begin, stop in pairwise(bounds)]
    return [*earlier[:first], *found, *earlier[last:]]


def _same_before(text: str, earlier: Sequence[str]) -> tuple[int, int]:
    """Return how many of `earlier` the text begins with, and where they end in it."""
    at = 0
    for number, piece in enumerate(earlier):
        if not text.startswith(piece, at):
            return number, at
        at += len(piece)
    return len(earlier), at


def _same_after(text: str, earlier: Sequence[str], first: int, start: int) -> tuple[int, int]:
    """Return from which one on `earlier` ends the text behind `start`, and where in it; none before `first`."""
    number, at = len(earlier), len(text)
    while number > first and at - len(earlier[number - 1]) >= start and text.endswith(earlier[number - 1], 0, at):
        number -= 1
        at -= len(earlier[number])
    return number, at


def _block_starts(text: str, start: int, end: int) -> list[int]:
    """Return where the lines between `start` and `end` begin that open a virtual or failover block."""
    starts = []
    for header in _HEADERS:
        for match in header.finditer(text, start, end):
            at = match.start()
            while at and text[at - 1] in " \t":
                at -= 1
            if not at or text[at - 1] in "\r\n":
                starts.append(at)
    return sorted(starts)
