"""A line of lvs.cf as words: Piranha's own rule, and ours for the lines Piranha refused.

Knows quotes and blanks; knows no key and no block.
"""

import re
from typing import NamedTuple

BLANKS = " \t"
QUOTES = "\"'"
MAX_WORDS = 99
"""Piranha dropped the words beyond."""
MAX_LENIENT_WORDS = 8
"""No statement has so many; a line made of quotes would else be searched to its end for each of its words."""


class Word(NamedTuple):
    """A word without its quotes. `quote` is the quote it stood in, or empty; `start` and `end` include them."""

    text: str
    quote: str
    start: int
    end: int


class Words(NamedTuple):
    """The words of a line; `broken_at` is the column of a quote that is not closed, `rest` that of a comment."""

    words: list[Word]
    broken_at: int | None = None
    rest: int | None = None


def _skip_blanks(line: str, at: int) -> int:
    size = len(line)
    while at < size and line[at] in BLANKS:
        at += 1
    return at


def _blank_after(line: str, at: int) -> int:
    """Return the place of the next blank, or the end of the line."""
    space, tab = line.find(" ", at), line.find("\t", at)
    if space < 0:
        return len(line) if tab < 0 else tab
    return space if tab < 0 else min(space, tab)


def _quote_end_as_piranha(line: str, start: int) -> int | None:
    """Return the end of the word that the quote at `start` begins, or None.

    Up to the next blank the quote may occur inside the word; after it, the first one ends the word. A word
    without a blank therefore has to be the last of its line.
    """
    quote = line[start]
    blank = _blank_after(line, start)
    if blank == len(line):
        return blank if blank > start + 1 and line[-1] == quote else None
    # Between two line feeds of one CR-ended line the search stops, as at the end of a line.
    close = line.find(quote, blank)
    stop = line.find("\n", blank)
    if close < 0 or 0 <= stop < close:
        return None
    return close + 1


def words_as_piranha(line: str) -> Words:
    """Split `line` (without its end) by Piranha's rule; a broken quote ends the words before it."""
    words: list[Word] = []
    at = _skip_blanks(line, 0)
    size = len(line)
    while at < size and len(words) < MAX_WORDS:
        if line[at] in QUOTES:
            end = _quote_end_as_piranha(line, at)
            if end is None:
                return Words(words, at)
            words.append(Word(line[at + 1 : end - 1], line[at], at, end))
        else:
            end = _blank_after(line, at)
            words.append(Word(line[at:end], "", at, end))
        at = _skip_blanks(line, end)
    return Words(words)


def _close_of(line: str, start: int, escapes: bool) -> int | None:
    """Return the place of the quote that ends the word begun at `start`: the first before a blank or the end."""
    quote, size, at = line[start], len(line), start + 1
    while at < size:
        if escapes and line[at] == "\\":
            at += 2
            continue
        if line[at] == quote and (at + 1 == size or line[at + 1] in BLANKS):
            return at
        at += 1
    return None


def unescape(text: str, quote: str) -> str:
    """Undo `escape`; a text without an escaped quote is left as it is."""
    if f"\\{quote}" not in text:
        return text
    parts: list[str] = []
    at = 0
    while at < len(text):
        if text[at] == "\\" and text[at + 1 : at + 2] in ("\\", quote):
            at += 1
        parts.append(text[at])
        at += 1
    return "".join(parts)


def escape(text: str, quote: str) -> str:
    """Protect the quotes in `text`, and the backslashes, since one may stand before a quote.

    A text without a quote is left as it is, which is how `unescape` leaves it.
    """
    if quote not in text:
        return text
    return text.replace("\\", "\\\\").replace(quote, f"\\{quote}")


def words_leniently(line: str, start: int) -> Words:
    r"""Split `line` from `start` as people mean it; words beyond the eighth are left out.

    A ``#`` at the beginning of a word begins a comment (its place is `rest`); a quoted word ends at the first
    quote before a blank, and may hold its quote as ``\"``.
    """
    words: list[Word] = []
    at = _skip_blanks(line, start)
    size = len(line)
    while at < size and len(words) < MAX_LENIENT_WORDS:
        if line[at] == "#":
            return Words(words, None, at)
        if line[at] in QUOTES:
            close = _close_of(line, at, True) or _close_of(line, at, False)
            if close is None:
                return Words(words, at)
            words.append(Word(unescape(line[at + 1 : close], line[at]), line[at], at, close + 1))
            at = _skip_blanks(line, close + 1)
        else:
            end = _blank_after(line, at)
            words.append(Word(line[at:end], "", at, end))
            at = _skip_blanks(line, end)
    return Words(words)


_LINE = re.compile(r"[^\r\n]*(?:\r\n?|\n)|[^\r\n]+")


def lines_of(text: str) -> list[str]:
    """Split `text` after each LF, CR LF or CR; the line ends stay."""
    return _LINE.findall(text)


def lead_of(lines: list[str], floor: int, at: int) -> int:
    """Return where the block with the header at `at` begins: with the comments right above, and blanks above."""
    while at > floor and lines[at - 1].lstrip(BLANKS).startswith("#"):
        at -= 1
    while at > floor and not lines[at - 1].strip("\r\n \t"):
        at -= 1
    return at


def depth_change(text: str) -> int:
    """Return how far a line of a block nobody knows opens (1) or closes (-1) blocks."""
    stripped = text.strip("\r\n \t")
    if stripped.startswith("}"):
        return -1
    return 1 if stripped.endswith("{") and not stripped.startswith("#") else 0
