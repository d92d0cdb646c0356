"""A stretch of lvs.cf is read: the lines outside of all blocks here, a block in `block_reading.py`."""

from app.lvs.grammar.block_reader import VirtualReading
from app.lvs.grammar.lexer import lead_of, lines_of
from app.lvs.grammar.line import Role
from app.lvs.grammar.section import Cursor, Section, Setting
from app.lvs.grammar.statement import LineCache
from app.lvs.model.keyword import BlockKind
from app.lvs.model.name_lookup import NameLookup


class SectionReader:
    """Reads stretches of one file; lines met before are known."""

    def __init__(self, names: NameLookup, *, is_latin1: bool = False) -> None:
        self._is_latin1 = is_latin1
        self._vocabularies = {place: LineCache(place, names) for place in BlockKind}

    def read(self, lead: str, text: str, has_block: bool) -> Section:
        """Read a stretch, whose first line opens its block if it has one; `lead` are the comments above that."""
        cursor = Cursor(lines_of(text))
        lines = cursor.lines
        block, place, open_line = None, BlockKind.GLOBAL, None
        if has_block:
            header = self._vocabularies[BlockKind.GLOBAL][lines[0]]
            place = BlockKind(header.word)
            reading = VirtualReading(place, self._vocabularies, cursor, is_latin1=self._is_latin1)
            block = reading.read(header, lead)
            open_line = None if reading.is_closed else 0
        tail_at = cursor.at
        settings = self._settings(cursor)
        lead_at = len(lines) if open_line is not None else lead_of(lines, tail_at, len(lines))
        return Section(
            place,
            block,
            "".join(lines[tail_at:lead_at]),
            "".join(lines[lead_at:]),
            tuple(settings),
            tuple(cursor.problems),
            len(lines),
            open_line,
            cursor.is_lasting,
        )

    def _settings(self, cursor: Cursor) -> list[Setting]:
        """Read the lines outside of all blocks, to the end of the stretch."""
        settings = []
        vocabulary = self._vocabularies[BlockKind.GLOBAL]
        while cursor.at < len(cursor.lines):
            at = cursor.at
            statement = vocabulary[cursor.lines[at]]
            role = statement.role
            if statement.is_notable:
                cursor.note(statement, False, (), at)
            if role in (Role.OPEN, Role.OPEN_UNKNOWN):
                cursor.skip_unknown_block()
                continue
            if statement.value is not None:
                settings.append(Setting(statement.word, statement.value, at, statement.column))
            elif role is Role.CLOSE:
                message = "} closes nothing here; delete it, or look for an extra } above"
                cursor.refuse(False, (), at, statement.column, message)
            cursor.at += 1
        return settings
