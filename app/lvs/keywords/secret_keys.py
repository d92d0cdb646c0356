"""Which keys hold a password or a secret, and how a line or a value of lvs.cf is shown with these covered up."""

import re

SECRET_KEYS = frozenset({"check_password", "check_secret"})
COVER = "•••"

_SECRET_LINE = re.compile(rf"([ +-]?[ \t]*(?:{'|'.join(sorted(SECRET_KEYS))})[ \t]*=[ \t]*).+", re.DOTALL)
_ALSO_LINE = re.compile(r"[ +-]?[ \t]*also_check[ \t]*=")
_INSIDE = re.compile(r"\b(password|secret)=('[^']*'?|[^\s;]+)")


def covered_line(line: str) -> str:
    """Return a line of lvs.cf, or of a difference of two, without the password or secret in it."""
    match = _SECRET_LINE.fullmatch(line)
    if match is not None:
        return f"{match[1]}{COVER}"
    return _INSIDE.sub(rf"\1={COVER}", line) if _ALSO_LINE.match(line) else line


def covered(key: str, text: str) -> str:
    """Return the `text` of a key as it may be shown."""
    if key in SECRET_KEYS:
        return COVER if text else ""
    return _INSIDE.sub(rf"\1={COVER}", text) if key == "also_check" else text


def has_secret(also_check: str | None) -> bool:
    """Return whether the text of ``also_check`` holds a password or a secret."""
    return _INSIDE.search(also_check or "") is not None
