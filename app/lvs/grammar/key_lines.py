"""The lines of one block that stood in a file, each with the key it sets, open to change."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.lvs.grammar.canonical import INDENT, WRITTEN_ORDER
from app.lvs.grammar.lexer import BLANKS, depth_change, lines_of, words_leniently
from app.lvs.grammar.line import ParsedLine, Role, parse_line
from app.lvs.grammar.value_reader import Notes, ValueRefused, read_value
from app.lvs.grammar.value_writer import format_name, format_value
from app.lvs.keywords.table import KEYWORDS
from app.lvs.model.keyword import BlockKind
from app.lvs.model.name_lookup import NO_NAMES


@dataclass(slots=True)
class _KeyLine:
    text: str
    piece: int
    parsed: ParsedLine


class KeyLines:
    """The lines of a block between its inner blocks."""

    def __init__(self, place: BlockKind, pieces: Sequence[str]) -> None:
        self._place = place
        self._count = len(pieces)
        self._lines: list[_KeyLine] = []
        depth = 0
        has_header = place is BlockKind.GLOBAL
        for number, piece in enumerate(pieces):
            for text in _parts(piece):
                parsed = parse_line(place if has_header else _outside(place), text)
                if not number and text == "\ufeff":
                    parsed = ParsedLine(Role.BLANK)
                elif depth or text.startswith("\0"):
                    depth += depth_change(text)
                    parsed = ParsedLine(Role.UNKNOWN)
                elif parsed.role is Role.OPEN and not has_header:
                    has_header = True
                elif parsed.role in (Role.OPEN_UNKNOWN, Role.OPEN):
                    depth = 1
                self._lines.append(_KeyLine(text, number, parsed))

    def pieces(self) -> list[str]:
        """Return the text of the pieces as it is now."""
        parts: list[list[str]] = [[] for _ in range(self._count)]
        for line in self._lines:
            parts[line.piece].append(line.text)
        return ["".join(part) for part in parts]

    def rename(self, name: str) -> None:
        """Give the block another name."""
        header = next(line for line in self._lines if line.parsed.role is Role.OPEN)
        body, end = _without_end(header.text)
        start, stop = header.parsed.span
        text = body[:start] + format_name(name) + body[stop:]
        parsed = parse_line(_outside(self._place), text)
        if parsed.fault or parsed.role is not Role.OPEN or parsed.words[0].text != name:
            text = f"{_indent_of(body)}{self._place} {format_name(name)} {{"
            parsed = parse_line(_outside(self._place), text)
        header.text, header.parsed = text + end, parsed

    def drop(self, key: str) -> None:
        """Remove every line that sets `key`."""
        self._lines = [line for line in self._lines if line.parsed.role is not Role.SET or line.parsed.word != key]

    def drop_after_first_block(self, key: str) -> bool:
        """Remove the lines after the first inner block that set `key`; return whether there were any."""
        kept = [line for line in self._lines if not line.piece or line.parsed.word != key]
        has_dropped = len(kept) < len(self._lines)
        self._lines = kept
        return has_dropped

    def put(self, key: str, value: Any) -> None:
        """Set `key` where it stands last, else at its place in Piranha's order."""
        keyword = KEYWORDS[self._place][key]
        written = format_value(keyword, value)
        for at in range(len(self._lines) - 1, -1, -1):
            line = self._lines[at]
            if line.parsed.role is Role.SET and line.parsed.word == key:
                self._replace(at, key, value, written)
                return
        self._insert(key, written)

    def _replace(self, at: int, key: str, value: Any, written: str) -> None:
        line = self._lines[at]
        body, end = _without_end(line.text)
        start, stop = line.parsed.span
        text = body[:start] + written + body[stop:]
        if self._says(text, key, value):
            line.text, line.parsed = text + end, parse_line(self._place, text)
            return
        comment = words_leniently(body, stop).rest
        indent = _indent_of(body)
        line.text = f"{indent}{key} = {written}{end}"
        line.parsed = parse_line(self._place, line.text)
        if comment is not None:
            above = _KeyLine(f"{indent}{body[comment:]}{end or chr(10)}", line.piece, ParsedLine(Role.BLANK))
            self._lines.insert(at, above)

    def _says(self, text: str, key: str, value: Any) -> bool:
        parsed = parse_line(self._place, text)
        if parsed.role is not Role.SET or parsed.word != key or parsed.fault:
            return False
        try:
            found = read_value(KEYWORDS[self._place][key], parsed.words, Notes(NO_NAMES))
        except ValueRefused:
            return False
        return bool(found == value)

    def _insert(self, key: str, written: str) -> None:
        order = {keyword.name: number for number, keyword in enumerate(WRITTEN_ORDER[self._place])}
        first = [at for at, line in enumerate(self._lines) if not line.piece]
        keyed = [at for at in first if self._lines[at].parsed.role is Role.SET]
        before = [at for at in keyed if order[self._lines[at].parsed.word] < order[key]]
        neighbour = before[-1] if before else keyed[0] if keyed else None
        if neighbour is not None:
            at = neighbour + 1 if before else neighbour
            indent = _indent_of(self._lines[neighbour].text)
        else:
            at = self._place_without_keys(first)
            indent = INDENT[self._place]
        end = self._line_end()
        if at and not self._lines[at - 1].text.endswith(("\n", "\r", "\ufeff")):
            self._lines[at - 1].text += end
        text = f"{indent}{key} = {written}{end}"
        self._lines.insert(at, _KeyLine(text, 0, parse_line(self._place, text)))

    def _place_without_keys(self, first: Sequence[int]) -> int:
        """Return where the first key comes in: behind the block's header, or behind the file's head."""
        for at in first:
            role = self._lines[at].parsed.role
            if role is Role.OPEN and self._place is not BlockKind.GLOBAL:
                return at + 1
            if self._lines[at].text.startswith("\0"):
                return at
        return first[-1] + 1 if first else 0

    def _line_end(self) -> str:
        return next((end for line in self._lines if (end := _without_end(line.text)[1])), "\n")


def _parts(piece: str) -> list[str]:
    """Split `piece` into lines; a byte order mark and what is behind a NUL byte stand for themselves."""
    bom = "\ufeff" if piece.startswith("\ufeff") else ""
    body, nul, rest = piece[len(bom) :].partition("\0")
    return [part for part in (bom, *lines_of(body), nul + rest) if part]


def _outside(place: BlockKind) -> BlockKind:
    return BlockKind.VIRTUAL if place is BlockKind.SERVER else BlockKind.GLOBAL


def _indent_of(text: str) -> str:
    body = text.lstrip("\ufeff")
    return body[: len(body) - len(body.lstrip(BLANKS))]


def _without_end(text: str) -> tuple[str, str]:
    body = text.rstrip("\r\n")
    return body, text[len(body) :]
