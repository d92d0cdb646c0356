"""The one line HISTORY shows for a change: which keys became what."""

from app.lvs.formats.form_text import format_field
from app.lvs.keywords.secret_keys import covered
from app.lvs.keywords.table import Block, keywords_of
from app.lvs.model.keyword import Keyword, Value

SUMMARY_MAX = 200


def changed(subject: str, before: Block, after: Block) -> str:
    """Return `subject` with the keys that differ: "web: port 80 → 8080, weight blank → 5"."""
    words = differing(before, after)
    return cut(f"{subject}: {', '.join(words)}" if words else f"{subject}: ACCEPT")


def differing(before: Block, after: Block) -> list[str]:
    """Return for each key that differs what it was and is: "port 80 → 8080"; blocks inside are not looked at."""
    words = []
    if not isinstance(before, type(after)):
        raise TypeError(f"{before!r} and {after!r} are not blocks of one kind")
    if getattr(before, "name", None) != getattr(after, "name", None):
        words.append(f"name → {getattr(after, 'name', '')}")
    for name, keyword in keywords_of(before).items():
        old: Value | None = getattr(before, name)
        new: Value | None = getattr(after, name)
        if old != new:
            shown = ["blank" if value is None else _shown(keyword, value) for value in (old, new)]
            words.append(f"{name} {shown[0]} → {shown[1]}")
    return words


def _shown(keyword: Keyword, value: Value) -> str:
    return covered(keyword.name, format_field(keyword, value))


def cut(text: str) -> str:
    """Return `text` no longer than a summary may be."""
    return text if len(text) <= SUMMARY_MAX else text[: SUMMARY_MAX - 1] + "…"
