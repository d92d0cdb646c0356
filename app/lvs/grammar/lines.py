"""The lines of a text with their ends, and which of them lead a block."""

import re

from app.lvs.grammar.lexer import BLANKS

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
