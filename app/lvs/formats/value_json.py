"""A value as JSON and back: numbers are numbers, switches booleans, addresses and masks as lvs.cf has them."""

from typing import Any

from app.lvs.grammar.lexer import Word
from app.lvs.grammar.value_reader import Notes, ValueRefused, read_value
from app.lvs.grammar.value_writer import why_unwritable
from app.lvs.model.keyword import Keyword, Value, ValueKind
from app.lvs.model.name_lookup import NO_NAMES

_WRITTEN_AS_TEXT = (ValueKind.ADDRESS, ValueKind.FLOATING, ValueKind.NETMASK)


def value_to_json(keyword: Keyword, value: Any) -> Any:
    """Return `value` as JSON holds it."""
    if keyword.kind in _WRITTEN_AS_TEXT:
        return str(value)
    if keyword.kind is ValueKind.CHOICE:
        return str(value)
    if keyword.kind in (ValueKind.CHOICES, ValueKind.WORDS):
        return [str(item) for item in value]
    return value


def value_from_json(keyword: Keyword, found: Any) -> Value:
    """Return the value JSON `found` stands for. Raises ValueRefused."""
    value = _value(keyword, found)
    reason = why_unwritable(keyword, value)
    if reason is not None:
        raise ValueRefused(f"{keyword.name}: {reason}")
    return value


def _value(keyword: Keyword, found: Any) -> Value:
    kind = keyword.kind
    if kind is ValueKind.BOOLEAN:
        return bool(_of_type(keyword, found, bool, "true or false"))
    if kind in (ValueKind.INTEGER, ValueKind.PORT):
        if isinstance(found, bool):
            raise _wrong(keyword, found, "a number")
        return int(_of_type(keyword, found, int, "a number"))
    if kind in (ValueKind.CHOICES, ValueKind.WORDS):
        items = _of_type(keyword, found, list, "a list of strings")
        texts = [_of_type(keyword, item, str, "a list of strings") for item in items]
        if kind is ValueKind.WORDS:
            return tuple(texts)
        return _read(keyword, [",".join(texts)])
    text = _of_type(keyword, found, str, "a text")
    if kind in (ValueKind.TEXT, ValueKind.QUOTED):
        return str(text)
    return _read(keyword, _words(keyword, text))


def _words(keyword: Keyword, text: str) -> list[str]:
    if keyword.kind is not ValueKind.FLOATING:
        return [text]
    address, blank, device = text.partition(" ")
    if not blank:
        raise ValueRefused(
            f'{keyword.name} is {text!r}; an address and a device are accepted, such as "10.0.0.1 eth0:1"'
        )
    return [address, device]


def _read(keyword: Keyword, texts: list[str]) -> Value:
    notes = Notes(NO_NAMES)
    value = read_value(keyword, [Word(text, "", 0, 0) for text in texts], notes)
    if value is None:
        raise ValueRefused(notes.remark)
    return value


def _of_type(keyword: Keyword, found: Any, wanted: type, accepted: str) -> Any:
    if not isinstance(found, wanted):
        raise _wrong(keyword, found, accepted)
    return found


def _wrong(keyword: Keyword, found: Any, accepted: str) -> ValueRefused:
    return ValueRefused(f"{keyword.name} is {str(found)[:80]!r} ({type(found).__name__}); {accepted} is accepted")
