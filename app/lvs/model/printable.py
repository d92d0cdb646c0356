"""Characters that are no sign but a command to a terminal or a page: found, and made visible."""

import unicodedata

_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Those that turn the direction of writing, and so make one name look like another."""
_CATEGORIES = frozenset({"Cc", "Cs", "Zl", "Zp"})


def control_character(text: str) -> str | None:
    """Return the first control character of `text` by its number, such as U+001B; None without one."""
    if text.isprintable():
        return None
    return next((f"U+{ord(letter):04X}" for letter in text if is_control(letter)), None)


def is_control(letter: str) -> bool:
    """Return whether `letter` is a control character, ends a line, or turns the direction of writing."""
    return letter in _TURNING or unicodedata.category(letter) in _CATEGORIES


def visible(text: str) -> str:
    """Return `text` with a sign of the same width in place of each control character."""
    if text.isprintable():
        return text
    return "".join(_picture(letter) if is_control(letter) else letter for letter in text)


def visible_lines(text: str) -> str:
    """Return `text` as `visible` does, but with its lines."""
    return "\n".join(map(visible, text.split("\n")))


def _picture(letter: str) -> str:
    number = ord(letter)
    if number < 0x20:
        return chr(0x2400 + number)
    return "\u2421" if number == 0x7F else "\ufffd"


PLAIN_MAX = 500
"""The most characters that are kept of one text."""


def plain(text: str, limit: int = PLAIN_MAX) -> str:
    """Return `text` on one line, with a blank for what cannot be seen, cut to `limit` characters.

    So none can end a line, colour a terminal, or turn the direction of writing.
    """
    line = "".join(letter if letter.isprintable() else " " for letter in text[: limit + 1])
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def shown(text: str) -> str:
    """Return `text` in quotes, for a message; a long one is cut."""
    return repr(text if len(text) <= 60 else f"{text[:59]}…")
