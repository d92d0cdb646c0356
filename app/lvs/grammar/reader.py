"""lvs.cf becomes a configuration: the file is cut at its virtual and failover blocks, read, and put together.

Tolerant: all that Piranha accepted, with the same meaning, and what people write besides. The strict way is in
`strict.py`. Does no look-ups: whoever can hands in `NameLookup`.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NamedTuple

from app.lvs.grammar.section import Section
from app.lvs.grammar.section_reader import SectionReader
from app.lvs.grammar.split import pieces
from app.lvs.model.config import Config, VirtualServer
from app.lvs.model.keyword import BlockKind
from app.lvs.model.layout import SourceText
from app.lvs.model.name_lookup import NO_NAMES, NameLookup
from app.lvs.model.problem import Path, Problem, Severity

_BOM = "\ufeff"
_STATEMENT = re.compile(r"^[ \t\ufeff]*+[A-Za-z_]++[ \t]*+(?:=|[^ \t\r\n{]*+[ \t]*+\{)", re.MULTILINE)
"""A line that has the shape of lvs.cf's, known or not."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The contents of a file and all its problems; `config` is None if one of these is an error."""

    config: Config | None
    problems: tuple[Problem, ...]


def parse(data: bytes, names: NameLookup = NO_NAMES) -> Reading:
    """Read a whole lvs.cf."""
    return ConfigReader(names).read(data)


def decode(data: bytes) -> tuple[str, bool]:
    """Return the text of a file, and whether it is Latin-1 because it is no UTF-8."""
    try:
        return data.decode(), False
    except UnicodeDecodeError:
        return data.decode("latin-1"), True


def encode(text: str, *, is_latin1: bool) -> bytes:
    """Return the bytes that `text` is in its file; what a Latin-1 file cannot hold makes it UTF-8."""
    if is_latin1:
        with suppress(UnicodeEncodeError):
            return text.encode("latin-1")
    return text.encode(errors="replace")


class ConfigReader:
    """Reads a file again and again: blocks whose text did not change are the same objects and cost nothing."""

    def __init__(self, names: NameLookup = NO_NAMES) -> None:
        self._names = names
        self._parts: list[_SourcePart] = []
        self._is_latin1 = False

    def read(self, data: bytes) -> Reading:
        """Read `data`, the whole file."""
        if not data:
            return _refused("the file is empty; for an empty configuration, write a file with a comment in it")
        if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
            return _refused("the file is UTF-16; save it as UTF-8")
        text, is_latin1 = decode(data)
        bom = _BOM if text.startswith(_BOM) else ""
        body, nul, rest = text[len(bom) :].partition("\0")
        if is_latin1 is not self._is_latin1:
            # The same text is other bytes now.
            self._parts, self._is_latin1 = [], is_latin1
        stretches = self._stretches(body)
        return _Assembly(stretches, bom, nul + rest, is_latin1).reading()

    def _stretches(self, text: str) -> list[Section]:
        texts = pieces(text, [part.text for part in self._parts])
        unchanged = {id(part.text): part for part in self._parts}
        # By their text only those are looked for that are not where they were: it is dear to hash them all.
        left = unchanged.keys() - {id(piece) for piece in texts}
        known = {
            unchanged[index].key: unchanged[index].stretch for index in left if unchanged[index].stretch.is_lasting
        }
        reader = SectionReader(self._names, is_latin1=self._is_latin1)
        parts: list[_SourcePart] = []
        lead = ""
        for piece in texts:
            part = unchanged.get(id(piece))
            if part is None or part.lead != lead or part.has_block != bool(parts) or not part.stretch.is_lasting:
                key = (lead, piece, bool(parts))
                part = _SourcePart(*key, known.get(key) or reader.read(*key))
                if part.stretch.is_lasting:
                    known[key] = part.stretch
            parts.append(part)
            lead = part.stretch.lead
        self._parts = parts
        return [part.stretch for part in parts]


class _SourcePart(NamedTuple):
    """A piece of the file, the comments above it, and what was read."""

    lead: str
    text: str
    has_block: bool
    stretch: Section

    @property
    def key(self) -> tuple[str, str, bool]:
        return self[:3]


def _refused(message: str) -> Reading:
    return Reading(None, (Problem(Severity.ERROR, (), message, 1, 1),))


class _Assembly:
    """The stretches of one file put together."""

    def __init__(self, stretches: list[Section], bom: str, nul_tail: str, is_latin1: bool) -> None:
        self._stretches = stretches
        self._bom = bom
        self._nul_tail = nul_tail
        self._is_latin1 = is_latin1
        self._problems: list[Problem] = []

    def reading(self) -> Reading:
        fields = self._fields()
        blocks = self._blocks()
        self._judge_whole(bool(fields) or any(blocks.values()))
        self._problems.sort(key=lambda problem: (problem.line, problem.column))
        problems = tuple(self._problems)
        if any(problem.severity is Severity.ERROR for problem in problems):
            return Reading(None, problems)
        layout = SourceText(
            BlockKind.GLOBAL,
            tuple(self._pieces()),
            tuple(stretch.place for stretch in self._stretches[1:]),
            fields,
            is_latin1=self._is_latin1,
        )
        failover, virtual = blocks[BlockKind.FAILOVER], blocks[BlockKind.VIRTUAL]
        return Reading(Config(**fields, failover=tuple(failover), virtual=tuple(virtual), layout=layout), problems)

    def _with_first_line(self) -> Iterator[tuple[int, Section]]:
        line = 1
        for stretch in self._stretches:
            yield line, stretch
            line += stretch.line_count

    def _add(self, severity: Severity, path: Path, message: str, line: int, column: int) -> None:
        self._problems.append(Problem(severity, path, message, line, column + 1))

    def _fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = {}
        for first, stretch in self._with_first_line():
            for key, value, line, column in stretch.settings:
                if key in fields:
                    message = f"{key} is set twice; this line takes effect, delete the earlier one"
                    self._add(Severity.WARNING, (key,), message, first + line, column)
                fields[key] = value
        return fields

    def _blocks(self) -> dict[BlockKind, list[VirtualServer]]:
        blocks: dict[BlockKind, list[VirtualServer]] = {BlockKind.VIRTUAL: [], BlockKind.FAILOVER: []}
        last = len(self._stretches) - 1
        for number, (first, stretch) in enumerate(self._with_first_line()):
            prefix: Path = ()
            if stretch.block is not None:
                prefix = (stretch.place.value, len(blocks[stretch.place]))
                blocks[stretch.place].append(stretch.block)
            for severity, is_inside, path, line, column, message in stretch.problems:
                self._add(severity, prefix + path if is_inside else path, message, first + line, column)
            if stretch.open_line is not None:
                self._judge_open(stretch, prefix, first + stretch.open_line, number == last)
        return blocks

    def _judge_open(self, stretch: Section, prefix: Path, line: int, is_last: bool) -> None:
        if is_last:
            message = f"the file ends before this {stretch.place} block is closed; write }} at its end"
            self._add(Severity.WARNING, prefix, message, line, 0)
        else:
            message = f"this {stretch.place} block is not closed before the next one begins; write }} at its end"
            self._add(Severity.ERROR, prefix, message, line, 0)

    def _judge_whole(self, has_content: bool) -> None:
        if self._nul_tail:
            line = 1 + sum(stretch.line_count for stretch in self._stretches)
            message = "a NUL byte ends the file here and the rest is not read; the file may be damaged"
            self._add(Severity.WARNING, (), message, line, 0)
        if has_content or not self._problems or any(_STATEMENT.search(piece) for piece in self._pieces()):
            return
        message = "no line of this file looks like lvs.cf; is this the right file?"
        self._add(Severity.ERROR, (), message, self._problems[0].line, 0)

    def _pieces(self) -> Iterator[str]:
        last = len(self._stretches) - 1
        for number, stretch in enumerate(self._stretches):
            piece = stretch.tail if number else self._bom + stretch.tail
            yield piece + stretch.lead + self._nul_tail if number == last else piece
