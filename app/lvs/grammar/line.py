"""What one line of lvs.cf is: a comment, a key with its words, the beginning or the end of a block.

A line is taken as Piranha took it wherever Piranha took it at all, and only else as people mean it. Knows the
keyword table, but no values.
"""

import enum
import re
from collections.abc import Sequence
from typing import NamedTuple

from app.lvs.grammar.lexer import BLANKS, Word, depth_change, words_as_piranha, words_leniently
from app.lvs.keywords.secret_keys import WITHHELD_KEYS
from app.lvs.keywords.table import KEYWORDS
from app.lvs.model.keyword import BlockKind, ValueKind
from app.lvs.model.printable import shown

BLOCK_WORDS = {
    BlockKind.GLOBAL: frozenset({"virtual", "failover"}),
    BlockKind.VIRTUAL: frozenset({"server"}),
    BlockKind.FAILOVER: frozenset({"server"}),
    BlockKind.SERVER: frozenset[str](),
}
_PLACEHOLDERS = ("{{", "{%")
_ALL_BLOCK_WORDS = frozenset({"virtual", "failover", "server"})

_SIMPLE = re.compile(r"[ \t]*([a-z_]+)[ \t]+=[ \t]+([^ \t\"'\[\r\n][^ \t\r\n]*)[ \t]*(?:\r\n?|\n)?")
_SIMPLE_OPENING = re.compile(
    r"[ \t]*(virtual|failover|server)[ \t]+([^ \t\"'\r\n][^ \t\r\n]*)[ \t]+\{[ \t]*(?:\r\n?|\n)?"
)
_HEADER = re.compile(r"[ \t]*(virtual|failover|server)(?=[ \t{\"']|$)")
_ASSIGNMENT = re.compile(r"[ \t]*([^ \t=#\"'{}]+)[ \t]*=")


class Role(enum.Enum):
    """What a line does."""

    BLANK = "blank or comment"
    SET = "sets a key"
    OPEN = "opens a block"
    CLOSE = "closes a block"
    UNKNOWN = "unknown"
    OPEN_UNKNOWN = "opens an unknown block"


class ParsedLine(NamedTuple):
    """A line understood.

    `word` is its key or block word, at `column` (from 0). `words` are a key's values or a block's name.
    `span` is where these stand, brackets of a list included. `fault` says why the line can't be taken, at
    `fault_at`. `is_lenient`: Piranha would have refused the line. `remark`: a warning.
    """

    role: Role
    word: str = ""
    column: int = 0
    words: tuple[Word, ...] = ()
    span: tuple[int, int] = (0, 0)
    fault: str = ""
    fault_at: int = 0
    is_lenient: bool = False
    remark: str = ""


_NOTHING = ParsedLine(Role.BLANK)


def parse_line(place: BlockKind, line: str) -> ParsedLine:
    """Understand `line`, which stands in a block of the kind `place`; its line end may be with it."""
    match = _SIMPLE.fullmatch(line)
    if match is not None:
        keyword = KEYWORDS[place].get(match[1])
        if keyword is not None and keyword.kind not in (ValueKind.FLOATING, ValueKind.WORDS):
            value = Word(match[2], "", match.start(2), match.end(2))
            return ParsedLine(Role.SET, match[1], match.start(1), (value,), match.span(2))
    match = _SIMPLE_OPENING.fullmatch(line)
    if match is not None and match[1] in BLOCK_WORDS[place]:
        name = Word(match[2], "", match.start(2), match.end(2))
        return ParsedLine(Role.OPEN, match[1], match.start(1), (name,), match.span(2))
    body = line.rstrip("\r\n")
    text = body.strip(BLANKS)
    if not text or text[0] == "#":
        return _NOTHING
    return _phrase(place, body)


def _phrase(place: BlockKind, body: str) -> ParsedLine:
    words, broken_at, _ = words_as_piranha(body)
    if words and words[0].text == "}":
        return _closing(body, words)
    if words and (words[0].text in BLOCK_WORDS[place] or words[0].text in _ALL_BLOCK_WORDS):
        if len(words) == 3 and words[2].text == "{" and broken_at is None:
            return _opening(place, words[0], words[1], False)
    elif len(words) > 1 and words[1].text == "=" and words[0].text in KEYWORDS[place]:
        taken = _as_piranha(place, words, broken_at)
        if taken is not None:
            return taken
    header = _HEADER.match(body)
    if header is not None:
        return _lenient_opening(place, body, header)
    assignment = _ASSIGNMENT.match(body)
    if assignment is not None and assignment[1] in KEYWORDS[place]:
        return _lenient_setting(place, body, assignment)
    return _unknown(place, body)


def _closing(body: str, words: list[Word]) -> ParsedLine:
    rest = body[words[0].end :].strip(BLANKS)
    remark = ""
    if rest and rest[0] != "#":
        remark = f"{shown(rest)} after }} is ignored; put it on a line of its own"
    return ParsedLine(Role.CLOSE, "}", words[0].start, remark=remark)


def _opening(place: BlockKind, word: Word, name: Word, is_lenient: bool) -> ParsedLine:
    fault = "" if word.text in BLOCK_WORDS[place] else _misplaced(place, word.text)
    return ParsedLine(
        Role.OPEN, word.text, word.start, (name,), (name.start, name.end), fault, word.start, is_lenient
    )


def _misplaced(place: BlockKind, word: str) -> str:
    home = "a virtual block" if word == "server" else "no other block"
    inside = f"a {place} block" if place else "no block"
    return f"a {word} block is not allowed in {inside}; it belongs in {home}. Check for a missing or extra }}"


def _as_piranha(place: BlockKind, words: list[Word], broken_at: int | None) -> ParsedLine | None:
    """Return the setting if Piranha took it, else None."""
    key, values = words[0], words[2:]
    kind = KEYWORDS[place][key.text].kind
    if kind is ValueKind.WORDS:
        close = _list_end(values)
        if not close:
            return None
        inner = tuple(values[1:close])
        return ParsedLine(Role.SET, key.text, key.start, inner, (values[0].start, values[close].end))
    if len(values) != (2 if kind is ValueKind.FLOATING else 1):
        return None
    remark = ""
    if broken_at is not None:
        if place not in (BlockKind.VIRTUAL, BlockKind.FAILOVER):
            return None
        remark = "the rest of the line begins with an unclosed quote; it is ignored, as in Piranha"
    if kind is ValueKind.FLOATING and values[1].text.startswith("#"):
        remark = f"{values[1].text} is read as the device, not as a comment"
    span = (values[0].start, values[-1].end)
    return ParsedLine(Role.SET, key.text, key.start, tuple(values), span, remark=remark)


def _lenient_opening(place: BlockKind, body: str, header: re.Match[str]) -> ParsedLine:
    word = Word(header[1], "", header.start(1), header.end(1))
    words, broken_at, _ = words_leniently(body, header.end())
    names = [found.text for found in words]
    if broken_at is None and len(words) == 2 and names[1] == "{":
        return _opening(place, word, words[0], True)
    if broken_at is None and len(words) == 1 and not words[0].quote and len(names[0]) > 1 and names[0][-1] == "{":
        name = Word(names[0][:-1], "", words[0].start, words[0].end - 1)
        return _opening(place, word, name, True)
    if broken_at is not None:
        fault, at = "the quote around the name is not closed", broken_at
    elif not names or names == ["{"]:
        fault, at = f"the {word.text} block has no name", word.start
    elif len(names) > 1 and "{" in names[1:]:
        fault, at = (
            (f"the name {shown(' '.join(names[: names.index('{', 1)]))} is more than one word"),
            words[1].start,
        )
    else:
        fault, at = f"the {word.text} line does not end in {{", word.start
    fault = f'{fault}; write: {word.text} NAME {{   (quote a name with blanks: {word.text} "A NAME" {{)'
    return ParsedLine(Role.OPEN, word.text, word.start, fault=fault, fault_at=at, is_lenient=True)


def _lenient_setting(place: BlockKind, body: str, assignment: re.Match[str]) -> ParsedLine:
    key, at = assignment[1], assignment.start(1)
    kind = KEYWORDS[place][key].kind
    words, broken_at, _ = words_leniently(body, assignment.end())
    if kind is ValueKind.WORDS:
        return _lenient_list(body, key, at, assignment.end())
    needed = 2 if kind is ValueKind.FLOATING else 1
    if broken_at is None and len(words) == needed:
        span = (words[0].start, words[-1].end)
        return ParsedLine(Role.SET, key, at, tuple(words), span, is_lenient=True)
    if words and words[0].text.startswith(_PLACEHOLDERS):
        remark = (
            f"{key} has a template placeholder instead of a value; the line is kept and {key} counts as absent. "
            "Render the template first"
        )
        return ParsedLine(Role.UNKNOWN, key, at, remark=remark, is_lenient=True)
    fault, fault_at = _wrong_count(key, kind, words, assignment.end(), broken_at)
    return ParsedLine(Role.SET, key, at, fault=fault, fault_at=fault_at, is_lenient=True)


def _lenient_list(body: str, key: str, at: int, end: int) -> ParsedLine:
    """Take a list as Piranha did, without blanks round its equals sign."""
    found = words_as_piranha(body[end:]).words
    words = [Word(text, quote, start + end, stop + end) for text, quote, start, stop in found]
    close = _list_end(words)
    if close:
        span = (words[0].start, words[close].end)
        return ParsedLine(Role.SET, key, at, tuple(words[1:close]), span, is_lenient=True)
    fault = f"{key} is not a list; write the words between brackets, separated by blanks: {key} = [ /a /b ]"
    return ParsedLine(Role.SET, key, at, fault=fault, fault_at=end, is_lenient=True)


def _list_end(words: Sequence[Word]) -> int:
    """Return which word closes the list that begins with the first, 0 if there is none."""
    if not words or words[0].text != "[":
        return 0
    return next((number for number, word in enumerate(words) if word.text == "]"), 0)


def _wrong_count(key: str, kind: ValueKind, words: list[Word], end: int, broken_at: int | None) -> tuple[str, int]:
    """Return the sentence and the column for a key with too few or too many values."""
    if broken_at is not None:
        return (
            f"{key}: the quote is not closed; end the text with the same quote character it begins with"
        ), broken_at
    if not words:
        return f"{key} has no value; write {key} = VALUE, or delete the line", end
    if kind is ValueKind.FLOATING and len(words) == 1:
        example = f"{key} = {words[0].text} eth0:1"
        return f"{key} is {shown(words[0].text)} alone; an address and a device are required: {example}", words[
            0
        ].start
    extra = words[2 if kind is ValueKind.FLOATING else 1]
    advice = (
        f'quote text with blanks: {key} = "..."'
        if kind in (ValueKind.TEXT, ValueKind.QUOTED)
        else "delete it, or start a comment with #"
    )
    # Of a password, it may be the rest of it.
    found = "a second word" if key in WITHHELD_KEYS else shown(extra.text)
    return f"{key}: {found} is one value too many; {advice}", extra.start


def _unknown(place: BlockKind, body: str) -> ParsedLine:
    words, broken_at, comment = words_leniently(body, 0)
    if not words:
        column = broken_at or 0
        return ParsedLine(
            Role.UNKNOWN, column=column, fault="a line cannot begin with a quote", fault_at=column, is_lenient=True
        )
    first = words[0]
    if first.text in KEYWORDS[place] and not first.quote:
        fault = f"{first.text} is not followed by =; write {first.text} = VALUE"
        return ParsedLine(Role.SET, first.text, first.start, fault=fault, fault_at=first.end, is_lenient=True)
    is_setting = "=" in body[first.start : words[1].end if len(words) > 1 else first.end]
    opens = depth_change(body if comment is None else body[:comment]) > 0 and not is_setting
    role = Role.OPEN_UNKNOWN if opens else Role.UNKNOWN
    word = first.text.rstrip("{") if opens else first.text.partition("=")[0] or first.text
    return ParsedLine(role, word, first.start, is_lenient=True)
