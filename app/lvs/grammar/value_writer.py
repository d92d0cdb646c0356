"""A value becomes the words behind its key, so that the reader finds the same value again and nothing else.

The one place that says which texts lvs.cf can hold: any without line ends and NUL. Quotes, blanks, braces and
``#`` are put so that they cannot be taken for lvs.cf's own.
"""

from collections.abc import Callable
from typing import Any

from app.lvs.grammar.c_numbers import INT_MIN
from app.lvs.grammar.lexer import BLANKS, QUOTES, escape, words_as_piranha
from app.lvs.grammar.value_reader import integer_max
from app.lvs.model.keyword import Keyword, Value, ValueKind
from app.lvs.model.values import Floating, Prefix

_LINE_BREAKERS = "\r\n\0"


class Unwritable(ValueError):
    """The value has no way to be written in lvs.cf; the text says why."""


def why_text_unwritable(text: str) -> str | None:
    """Return why `text` can stand nowhere in lvs.cf, or None if it can."""
    if any(character in text for character in _LINE_BREAKERS):
        return "lvs.cf cannot hold a line end or a NUL byte; write \\n for a line end in send and expect"
    if any("\ud800" <= character <= "\udfff" for character in text):
        return "the text contains an incomplete character (a lone surrogate)"
    return None


def why_unwritable(keyword: Keyword, value: Value | None) -> str | None:
    """Return why `value` cannot be written for `keyword`, or None if it can."""
    if value is None:
        return None
    if keyword.kind in (ValueKind.INTEGER, ValueKind.PORT):
        return _why_number_unwritable(keyword, int(value))  # type: ignore[arg-type]
    if keyword.kind is ValueKind.NETMASK and isinstance(value, Prefix) and not 0 <= value.length <= 128:
        return f"the prefix length must be from 0 to 128, not {value.length}"
    texts = value if isinstance(value, tuple) else (value.device if isinstance(value, Floating) else value,)
    reasons = (why_text_unwritable(text) for text in texts if isinstance(text, str))
    reason = next((reason for reason in reasons if reason), None)
    if reason is None and keyword.kind is ValueKind.WORDS:
        return next((why for word in texts if (why := _why_list_word_unwritable(str(word)))), None)
    return reason


def _why_list_word_unwritable(word: str) -> str | None:
    """Words of a list are written only as Piranha reads them: a quote it misreads takes the words behind along."""
    if word in ("", "]"):
        return "a word of a list cannot be empty or ]"
    blank = _blank_in(word)
    if blank < len(word):
        both = all(quote in word[blank:] for quote in QUOTES)
        return f"{word!r} has blanks and both kinds of quotes; use only one kind" if both else None
    return (
        (f"{word!r} begins with a quote, which is possible only if it also contains a blank")
        if word[0] in QUOTES
        else None
    )


def _why_number_unwritable(keyword: Keyword, number: int) -> str | None:
    if INT_MIN <= number <= integer_max(keyword):
        return None
    return f"{keyword.name} is {number}; it must be from {INT_MIN} to {integer_max(keyword)}"


def format_value(keyword: Keyword, value: Value) -> str:
    """Return `value` as it stands behind ``keyword =``. Raises Unwritable."""
    reason = why_unwritable(keyword, value)
    if reason is not None:
        raise Unwritable(f"{keyword.name}: {reason}")
    return _WRITERS[keyword.kind](value)


def format_name(name: str) -> str:
    """Return a block's name as it stands behind ``virtual`` or ``server``. Raises Unwritable."""
    reason = why_text_unwritable(name)
    if reason is not None:
        raise Unwritable(f"name: {reason}")
    return _inner_word(name)


def _blank_in(text: str) -> int:
    """Return the place of the first blank in `text`, or its length."""
    return next((at for at, character in enumerate(text) if character in BLANKS), len(text))


def _is_bare(text: str) -> bool:
    return bool(text) and text[0] not in QUOTES + "#" and _blank_in(text) == len(text)


def _quoted(text: str, quotes: str) -> str:
    """Return `text` in the first of `quotes` Piranha reads it back with, or else in the first, escaped."""
    blank = _blank_in(text)
    for quote in quotes:
        if quote not in text[blank:]:
            return f"{quote}{text}{quote}"
    word = f"{quotes[0]}{escape(text, quotes[0])}{quotes[0]}"
    found = words_as_piranha(word)
    if len(found.words) != 1 or found.broken_at is None:
        return word
    # Piranha ends this word early and ignores the rest, unless the quote it breaks at makes a second word of it.
    return f"{word} # {word[found.broken_at]}"


def _last_word(text: str) -> str:
    return text if _is_bare(text) else _quoted(text, QUOTES)


def _inner_word(text: str) -> str:
    """Write a word with another one behind it."""
    if _is_bare(text):
        return text
    if _blank_in(text) < len(text):
        return _quoted(text, QUOTES)
    # Piranha has no way to say this one: a quoted word without a blank has to be the last of its line.
    return f'"{escape(text, QUOTES[0])}"'


def _text(value: Any) -> str:
    return _last_word(str(value))


def _quoted_text(value: Any) -> str:
    return _quoted(value, '"')


def _plain(value: Any) -> str:
    return str(value)


def _boolean(value: Any) -> str:
    return "1" if value else "0"


def _floating(value: Any) -> str:
    return f"{value.address} {_last_word(value.device)}"


def _choices(value: Any) -> str:
    return ",".join(value) or '""'


def _list(value: Any) -> str:
    words = (word if _blank_in(word) == len(word) else _quoted(word, QUOTES) for word in value)
    return " ".join(("[", *words, "]"))


_WRITERS: dict[ValueKind, Callable[[Any], str]] = {
    ValueKind.INTEGER: _plain,
    ValueKind.BOOLEAN: _boolean,
    ValueKind.ADDRESS: _plain,
    ValueKind.FLOATING: _floating,
    ValueKind.NETMASK: _plain,
    ValueKind.PORT: _plain,
    ValueKind.CHOICE: _plain,
    ValueKind.CHOICES: _choices,
    ValueKind.TEXT: _text,
    ValueKind.QUOTED: _quoted_text,
    ValueKind.WORDS: _list,
}
