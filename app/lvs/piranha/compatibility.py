"""Which lines of a configuration Piranha could not read, and why: what keeps the way back from being open."""

from collections.abc import Iterator

from app.lvs.grammar.c_numbers import as_int32, inet_aton, strtol
from app.lvs.grammar.lexer import Word, depth_change, lines_of, words_as_piranha
from app.lvs.grammar.line import Role, parse_line
from app.lvs.grammar.writer import render
from app.lvs.model.config import Config
from app.lvs.model.keyword import BlockKind, Keyword, ValueKind
from app.lvs.model.name_lookup import NO_NAMES, NameLookup
from app.lvs.model.values import AGENT
from app.lvs.piranha.statement import PIRANHA_KEYWORDS, opens_block, setting_as_piranha
from app.lvs.piranha.value import PiranhaRefused


def beyond_piranha(config: Config, names: NameLookup = NO_NAMES) -> list[tuple[int, str]]:
    """Return the lines of the written file, from 1, that Piranha refused or misread, each with the reason."""
    text = render(config).decode("utf-8", "replace")
    found: list[tuple[int, str]] = []
    if "\r" in text:
        found.append((1, "the lines end in CR; Piranha reads only the first line of such a file"))
    if text.startswith("\ufeff"):
        found.append((1, "the file begins with a byte order mark, which Piranha reads as part of the first key"))
    found += _Walk(names).lines(text.removeprefix("\ufeff"))
    return found


class _Walk:
    """A walk through the blocks of a file, past every line that is refused."""

    def __init__(self, names: NameLookup) -> None:
        self._names = names
        self._places = [BlockKind.GLOBAL]
        self._unknown_depth = 0

    def lines(self, text: str) -> Iterator[tuple[int, str]]:
        for number, line in enumerate(lines_of(text), 1):
            if "\0" in line:
                return
            reason = self._reason(line.rstrip("\r\n"))
            if reason:
                yield number, reason

    def _reason(self, line: str) -> str:
        place = self._places[-1]
        parsed = parse_line(place, line)
        if self._unknown_depth:
            self._unknown_depth += depth_change(line)
            return (
                ""
                if parsed.role is Role.BLANK
                else "unknown command: the line is in a block Piranha does not know"
            )
        if parsed.role is Role.BLANK:
            return ""
        if parsed.role is Role.CLOSE:
            self._places.pop()
            return ""
        reason = self._refusal(place, line)
        if parsed.role is Role.OPEN_UNKNOWN:
            self._unknown_depth = 1
        elif parsed.role is Role.OPEN:
            self._places.append(BlockKind(parsed.word))
        return reason

    def _refusal(self, place: BlockKind, line: str) -> str:
        words, broken_at, _ = words_as_piranha(line)
        if broken_at is not None:
            return "quotation mismatch: Piranha does not find the end of a quoted text"
        try:
            if opens_block(place, words):
                return ""
            keyword, _ = setting_as_piranha(place, words, self._names)
        except PiranhaRefused as refused:
            return _of_ours(place, words[0].text) or str(refused)
        return _misread(keyword, words[2:])


def _of_ours(place: BlockKind, word: str) -> str:
    if parse_line(place, f"{word} = 1").role is Role.SET and word not in PIRANHA_KEYWORDS[place]:
        return f"unknown command: {word} is not a key Piranha knows in this place"
    return ""


def _misread(keyword: Keyword, words: list[Word]) -> str:
    """Return what Piranha took the words for, if not for what we take them."""
    if keyword.name == "pmask" and inet_aton(words[0].text) is None:
        return "Piranha ignores a pmask it cannot read; write it in dotted form, such as 255.255.255.0"
    if keyword.name == "load_monitor" and words[0].text == AGENT:
        return f"load_monitor is {AGENT}: Piranha would try to run a program of that name"
    number = strtol(words[0].text) if keyword.kind in (ValueKind.INTEGER, ValueKind.PORT) else None
    if number is not None and as_int32(number) != number:
        return f"{keyword.name} is {words[0].text[:40]}, which is more than Piranha can hold"
    return ""
