"""What a person types into a form field, and what stands in it: one text for one value.

More than lvs.cf's grammar is taken: blanks around, capitals in choices. Ranges are the rules' business.
"""

from app.lvs.grammar.lexer import Word
from app.lvs.grammar.value_reader import Notes, ValueRefused, integer_max, read_value
from app.lvs.grammar.value_writer import why_unwritable
from app.lvs.model.keyword import Keyword, Value, ValueKind
from app.lvs.model.name_lookup import NO_NAMES, NameLookup

_YES = frozenset({"1", "yes", "on", "true", "y"})
_NO = frozenset({"0", "no", "off", "false", "n"})


class FieldError(ValueError):
    """What was typed is no value of that field; `message` says what is accepted."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def parse_field(keyword: Keyword, text: str, names: NameLookup = NO_NAMES) -> Value | None:
    """Return the value typed as `text`, None for an empty field. Raises FieldError."""
    if keyword.kind is not ValueKind.QUOTED:
        text = text.strip()
    if not text:
        return None
    try:
        value = _parse(keyword, text, names)
    except ValueRefused as refused:
        raise FieldError(str(refused)) from None
    reason = why_unwritable(keyword, value)
    if reason is not None:
        raise FieldError(reason)
    return value


def _parse(keyword: Keyword, text: str, names: NameLookup) -> Value:
    kind = keyword.kind
    if kind in (ValueKind.TEXT, ValueKind.QUOTED):
        return text
    if kind is ValueKind.INTEGER or (kind is ValueKind.PORT and text.lstrip("+-").isdecimal()):
        return _integer(keyword, text)
    if kind is ValueKind.BOOLEAN:
        return _boolean(keyword, text)
    if kind is ValueKind.WORDS:
        return tuple(text.split())
    if kind is ValueKind.CHOICES:
        text = ",".join(text.lower().replace(",", " ").split())
    if kind is ValueKind.CHOICE:
        text = text.lower()
    return _read(keyword, _words(keyword, text), names)


def _integer(keyword: Keyword, text: str) -> int:
    """Read a decimal number: in a form 010 is ten, as people mean it."""
    sign, digits = (text[0], text[1:]) if text[0] in "+-" else ("", text)
    if not (digits.isascii() and digits.isdigit()):
        raise FieldError(f"{text[:40]!r} is not a number; enter an integer")
    digits = digits.lstrip("0") or "0"
    if len(digits) > len(str(integer_max(keyword))):
        raise FieldError(f"{text[:40]} is too large; the maximum is {integer_max(keyword)}")
    return int(f"{sign}{digits}")


def _boolean(keyword: Keyword, text: str) -> bool:
    word = text.lower()
    if word in _YES | _NO:
        return word in _YES
    raise FieldError(f"{text[:40]!r} is neither yes nor no; enter 1 or 0")


def _words(keyword: Keyword, text: str) -> list[str]:
    if keyword.kind is not ValueKind.FLOATING:
        return [text]
    parts = text.split(None, 1)
    return parts if len(parts) == 2 else [*parts, ""]


def _read(keyword: Keyword, texts: list[str], names: NameLookup) -> Value:
    notes = Notes(names)
    value = read_value(keyword, [Word(text, "", 0, 0) for text in texts], notes)
    if value is None:
        raise FieldError(notes.remark)
    return value


def format_field(keyword: Keyword, value: Value | None) -> str:
    """Return what stands in the field for `value`; an absent value is an empty field."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, tuple):
        return " ".join(str(item) for item in value)
    return str(value).rstrip() if keyword.kind is ValueKind.FLOATING else str(value)
