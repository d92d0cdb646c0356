"""Which keys hold a password or a secret, and how a line or a value of lvs.cf is shown with these covered up.

To a person who may change the configuration passwords and secrets are covered; to everybody else also what may
hold one: headers, texts and commands that are sent or run, the query of a path.
"""

import re

from app.lvs.keywords.table import KEYWORDS
from app.lvs.model.keyword import BlockKind

SECRET_KEYS = frozenset({"check_password", "check_secret"})
WITHHELD_KEYS = SECRET_KEYS | {
    *("check_headers", "webhook", "send", "send_program"),
    *("start_cmd", "stop_cmd", "active_cmd", "inactive_cmd"),
}
"""Keys whose whole value is only for those who may change the configuration."""
COVER = "•••"

_SECRET_LINE = re.compile(rf"([ +-]?[ \t#]*(?:{'|'.join(sorted(SECRET_KEYS))})[ \t]*=[ \t]*).+", re.DOTALL)
_ALSO_LINE = re.compile(r"[ +-]?[ \t#]*also_check[ \t]*=")
_INSIDE = re.compile(r"\b(password|secret)=('[^']*'?|[^\s;]+)")
# From the beginning of a word only: tried within one as well, a long word would take the square of its length.
_SETTING = re.compile(r"(?<![^\s;='?])([^\s;='?]*)=|\?")
_HARMLESS = frozenset(
    name.removeprefix("check_")
    for name in KEYWORDS[BlockKind.VIRTUAL]
    if name.startswith("check_") and name not in WITHHELD_KEYS
) | {"expect", "regex"}
"""Settings of an additional check that hold no secret."""
_QUERY = re.compile(r"\?[^\s'\"]+")
_PARTLY = ("also_check", "check_path", "check_user")
_IN_SUMMARY = re.compile(rf"((?:^|[ ,])(?:{'|'.join(sorted((*WITHHELD_KEYS, *_PARTLY)))})) .+", re.DOTALL)


def covered_line(line: str) -> str:
    """Return a line of lvs.cf, or of a difference of two, without the password or secret in it."""
    match = _SECRET_LINE.fullmatch(line)
    if match is not None:
        return f"{match[1]}{COVER}"
    return _INSIDE.sub(rf"\1={COVER}", line) if _ALSO_LINE.match(line) else line


def covered(key: str, text: str) -> str:
    """Return the `text` of a key as it may be shown to who may change it."""
    if key in SECRET_KEYS:
        return COVER if text else ""
    return _INSIDE.sub(rf"\1={COVER}", text) if key == "also_check" else text


def withheld(key: str, text: str) -> str | None:
    """Return the `text` of a key as it may be shown to who may only look; None: not at all."""
    if key in WITHHELD_KEYS:
        return None if text else ""
    match key:
        case "also_check":
            return _withheld_from_first(text)
        case "check_path":
            path, query, _ = text.partition("?")
            return f"{path}?{COVER}" if query else text
        case "check_user":
            user, colon, _ = text.partition(":")
            return f"{user}:{COVER}" if colon else text
    return text


def withheld_in_message(text: str) -> str:
    """Return a sentence about a check as it may be shown to who may only look."""
    return _QUERY.sub(f"?{COVER}", text)


def withheld_in_summary(text: str) -> str:
    """Return the summary of a change as it may be shown to who may only look: without what follows such a key."""
    return _IN_SUMMARY.sub(rf"\1 {COVER}", text)


def has_secret(also_check: str | None) -> bool:
    """Return whether the text of ``also_check`` holds a password or a secret."""
    return _INSIDE.search(also_check or "") is not None


def _withheld_from_first(also_check: str) -> str:
    """Return the text up to its first setting that may hold a secret: what follows may be quoted in any way."""
    for found in _SETTING.finditer(also_check):
        if found[1] not in _HARMLESS:
            return f"{also_check[: found.end()]}{COVER}"
    return also_check
