"""lvs.cf's ``also_check``: additional checks of each server, each read as a virtual server with other check keys.

Checks are separated by ``;``. Each is a word of ``check`` followed by settings named after the keys, such as
``http path=/ready port=8080; send send='QUIT\\r\\n' expect=221``. A setting that is left out is as if its key were
absent, except source, interface and schedule, which are those of the first check.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from app.lvs.formats.form_text import FieldError, parse_field
from app.lvs.keywords.secret_keys import WITHHELD_KEYS
from app.lvs.keywords.table import KEYWORDS
from app.lvs.model.check_kinds import CheckKind
from app.lvs.model.config import VirtualServer
from app.lvs.model.keyword import BlockKind, ValueKind
from app.lvs.model.printable import shown

_VIRTUAL = KEYWORDS[BlockKind.VIRTUAL]
_ABOUT_ALL_CHECKS = frozenset({"check_need"})
SETTINGS: Mapping[str, str] = {
    **{
        name.removeprefix("check_"): name
        for name in _VIRTUAL
        if name.startswith("check_") and name not in _ABOUT_ALL_CHECKS
    },
    "send": "send",
    "expect": "expect",
    "regex": "use_regex",
    "program": "send_program",
}
"""The key that each setting sets."""
_SHARED = frozenset({"check_source", "check_interface", "check_interval", "check_limit", "check_retry"})
_UNSET: Mapping[str, Any] = {
    key: None for key in (*SETTINGS.values(), "also_check", "check_need") if key not in _SHARED
}
_WORDS: Mapping[str, CheckKind] = {kind.value: kind for kind in CheckKind if kind.row.is_run}


@dataclass(frozen=True, slots=True)
class AlsoCheck:
    """One additional check: its word, the values of the keys it sets, and its number in the text, from 1."""

    number: int
    word: CheckKind
    values: Mapping[str, Any]

    @property
    def called(self) -> str:
        """Its name in messages."""
        return f"Additional check {self.number} ({self.word})"

    def of(self, virtual: VirtualServer) -> VirtualServer:
        """Return `virtual` as it would be if this were its check."""
        return replace(virtual, check=self.word, **{**_UNSET, **self.values})


@dataclass(frozen=True, slots=True)
class AlsoChecks:
    """The checks in a text of ``also_check``; `faults` are its mistakes, each with what is accepted."""

    checks: tuple[AlsoCheck, ...]
    faults: tuple[str, ...]


@lru_cache(maxsize=1024)
def also_checks(text: str) -> AlsoChecks:
    """Parse `text`; a check with a fault is not among the checks."""
    checks: list[AlsoCheck] = []
    faults: list[str] = []
    for number, tokens in enumerate(_parts(text), 1):
        if not tokens:
            faults.append(f"Additional check {number} is empty: remove one ;, or add a check before it.")
            continue
        found = _RequestPart(number, tokens)
        if found.faults or found.word is None:
            faults.extend(found.faults)
        else:
            checks.append(AlsoCheck(number, found.word, found.values))
    return AlsoChecks(tuple(checks), tuple(faults))


def also_virtuals(virtual: VirtualServer) -> Iterator[VirtualServer]:
    """Yield `virtual` as it would be if each of its additional checks, one after the other, were its check."""
    if virtual.also_check:
        for check in also_checks(virtual.also_check).checks:
            yield check.of(virtual)


def _parts(text: str) -> list[list[str]]:
    """Split `text` into the words of each check; a ``;`` at the end starts no check."""
    parts: list[list[str]] = [[]]
    at = 0
    while at < len(text):
        if text[at] in " \t":
            at += 1
        elif text[at] == ";":
            parts.append([])
            at += 1
        else:
            end = _token_end(text, at)
            parts[-1].append(text[at:end])
            at = end
    return parts if parts[-1] else parts[:-1]


def _token_end(text: str, at: int) -> int:
    """Return where the word at `at` ends: at a blank or ``;`` outside single quotes."""
    opening, is_inside = 0, False
    for place in range(at, len(text)):
        letter = text[place]
        if letter == "=" and not opening:
            opening = place + 1
        elif letter == "'" and (is_inside or place == opening):
            is_inside = not is_inside
        elif letter in " \t;" and not is_inside:
            return place
    return len(text)


class _RequestPart:
    """The reading of one check, with its faults."""

    def __init__(self, number: int, tokens: list[str]) -> None:
        self.faults: list[str] = []
        self.values: dict[str, Any] = {}
        self.word: CheckKind | None = None
        self._called = f"Additional check {number}"
        self._last = ""
        self._read_word(tokens[0])
        for token in tokens[1:]:
            self._read_setting(token)

    def _fault(self, text: str) -> None:
        self.faults.append(f"{self._called} {text}")

    def _read_word(self, token: str) -> None:
        word = token.lower()
        if word in _WORDS:
            self.word = _WORDS[word]
            self._called += f" ({word})"
        elif "=" in token:
            self._fault(
                "has no kind: it must begin with one of " + ", ".join(_WORDS) + ", followed by its settings."
            )
        else:
            self._fault(f"is {shown(token)}: use one of {', '.join(_WORDS)}.")

    def _read_setting(self, token: str) -> None:
        name, equals, text = token.partition("=")
        if not equals:
            # After a password, it may be the rest of the password.
            found = "a word after it" if self._last in WITHHELD_KEYS else shown(name)
            self._fault(
                f"has {found}, which is not a setting: write name=value without blanks around =, put a value with "
                "blanks in single quotes, and separate checks with ;."
            )
            return
        key = SETTINGS.get(name)
        self._last = key or ""
        if key is None:
            self._fault(f"has the setting {shown(name)}: use one of {', '.join(SETTINGS)}.")
        elif key in self.values:
            self._fault(f"has {name} twice: remove one of them.")
        else:
            self._read_value(name, key, text)

    def _read_value(self, name: str, key: str, text: str) -> None:
        if text.startswith("'"):
            inner, closed, after = text[1:].partition("'")
            if not closed or after:
                where = "is not closed" if not closed else "is closed too early: a blank or ; must follow"
                self._fault(f"has {name} in single quotes, but the quote {where}.")
                return
        else:
            inner = text
            if not inner:
                self._fault(f"has {name} without a value: write {name}=value, or remove it.")
                return
        keyword = _VIRTUAL[key]
        try:
            value = parse_field(keyword, inner)
        except FieldError as error:
            self._fault(f"has {name}, and {error.message}.")
            return
        self.values[key] = inner if value is None and keyword.kind is ValueKind.QUOTED else value
