"""A line of lvs.cf with its value: what the block reader works with. Equal lines are understood once a reading."""

from difflib import get_close_matches
from typing import NamedTuple

from app.lvs.grammar.line import ParsedLine, Role, parse_line
from app.lvs.grammar.value_reader import Notes, ValueRefused, read_value
from app.lvs.keywords.table import KEYWORDS
from app.lvs.model.keyword import BlockKind, Value
from app.lvs.model.name_lookup import NameLookup
from app.lvs.model.problem import Severity

_SUGGESTIONS_MAX = 200
"""So many unknown keys are compared with the known ones; the search is slow and a file may be all unknown."""

_NEVER_KEYS = {
    "heartbeat_dev": "old documents name it, but Piranha never read it",
    "hot_standby_required": "old documents name it, but Piranha never read it",
    "debug": "the key is called debug_level and has no effect",
    "mode": "old documents name it, but Piranha never read it; the key may be network",
    "log_file": "old documents name it, but Piranha never read it",
    "lvs_type": "old documents name it, but Piranha never read it; the key may be network",
    "file_sync": "old documents name it, but Piranha never read it",
    "expect_program": "Piranha's pages wrote it, but its daemons refused it; use expect",
    "nmask": "Piranha's pages wrote it, but its daemons refused it; use vip_nmask",
    "heatbeart": "an old Piranha program wrote it for heartbeat, which has no effect",
}


class Finding(NamedTuple):
    """A problem of a line; `column` counts from 0, `key` is the path within the block."""

    severity: Severity
    key: tuple[str, ...]
    column: int
    message: str


class Statement(NamedTuple):
    """A line understood. `word` is the key or block word, `name` the block's; `column` counts from 0.

    `is_notable`: it has a finding, or a host name in it was looked up.
    """

    role: Role
    word: str = ""
    name: str = ""
    value: Value | None = None
    column: int = 0
    findings: tuple[Finding, ...] = ()
    is_notable: bool = False
    asked_host: bool = False


class LineCache(dict[str, Statement]):
    """The lines met so far in blocks of one kind; asking for a line understands it."""

    def __init__(self, place: BlockKind, names: NameLookup) -> None:
        super().__init__()
        self._place = place
        self._names = names
        self._unknown = 0

    def __missing__(self, line: str) -> Statement:
        statement = self._understand(parse_line(self._place, line))
        self[line] = statement
        return statement

    def _understand(self, parsed: ParsedLine) -> Statement:
        if parsed.fault:
            key = (parsed.word,) if parsed.role is Role.SET else ()
            finding = Finding(Severity.ERROR, key, parsed.fault_at, parsed.fault)
            return Statement(parsed.role, parsed.word, findings=(finding,), column=parsed.column, is_notable=True)
        if parsed.role is Role.SET:
            return self._setting(parsed)
        findings: tuple[Finding, ...] = ()
        if parsed.role in (Role.UNKNOWN, Role.OPEN_UNKNOWN):
            findings = (Finding(Severity.WARNING, (), parsed.column, parsed.remark or self._advice(parsed)),)
        elif parsed.remark:
            findings = (Finding(Severity.WARNING, (), parsed.column, parsed.remark),)
        name = parsed.words[0].text if parsed.words else ""
        return Statement(
            parsed.role, parsed.word, name, findings=findings, column=parsed.column, is_notable=bool(findings)
        )

    def _setting(self, parsed: ParsedLine) -> Statement:
        key = (parsed.word,)
        notes = Notes(self._names)
        findings: list[Finding] = []
        value: Value | None = None
        try:
            value = read_value(KEYWORDS[self._place][parsed.word], parsed.words, notes)
        except ValueRefused as refused:
            findings.append(Finding(Severity.ERROR, key, parsed.span[0], str(refused)))
        findings += [
            Finding(Severity.WARNING, key, parsed.span[0], remark)
            for remark in (parsed.remark, notes.remark)
            if remark
        ]
        return Statement(
            parsed.role,
            parsed.word,
            value=value,
            column=parsed.column,
            findings=tuple(findings),
            is_notable=bool(findings) or notes.asked_host,
            asked_host=notes.asked_host,
        )

    def _advice(self, parsed: ParsedLine) -> str:
        word = parsed.word[:60]
        if parsed.role is Role.OPEN_UNKNOWN:
            return f"{word!r} is not a block of lvs.cf; it is kept and has no effect"
        if word in _NEVER_KEYS:
            return f"{word} is not a key of lvs.cf: {_NEVER_KEYS[word]}; it is kept and has no effect"
        homes = [place or "global" for place in BlockKind if word in KEYWORDS[place]]
        if homes:
            return f"{word} is not allowed here; it belongs in: {', '.join(homes)}. It is kept and has no effect"
        self._unknown += 1
        if self._unknown <= _SUGGESTIONS_MAX:
            close = get_close_matches(word.lower(), KEYWORDS[self._place], 1, 0.75)
            if close:
                return f"{word!r} is not a key of lvs.cf; did you mean {close[0]}? It is kept and has no effect"
        return f"{word!r} is not a key of lvs.cf; it is kept and has no effect (comments begin with #)"
