"""The reference page of lvs.cf, made from the keyword table; `make docs` writes it to docs/lvs.cf.md."""

from collections.abc import Iterator

from app.lvs.grammar.value_writer import format_value
from app.lvs.keywords.table import KEYWORDS
from app.lvs.model.keyword import BlockKind, Keyword, Value, ValueKind

_INTRODUCTION = """\
# lvs.cf

The keys of lvs.cf, as Palometa reads and writes them. This page is made from the program's own table of keys
(`make docs`). *Default* holds when the key is absent, *ADD* is what a new block on the pages begins with; the two
differ, as they did in Piranha. Keys marked † are Palometa's own: Piranha refuses a file that has them, so they are
written only when used. Keys marked ‡ are kept and written, but nothing acts on them.

A line is `key = value`; blocks are `virtual NAME {`, `server NAME {` within it, and `failover NAME {`; a line that
begins with `#` is a comment. `palometa check FILE` says what is wrong with a file, `palometa check --piranha FILE`
whether Piranha itself would have taken it.
"""
_TITLES = {
    BlockKind.GLOBAL: "Outside every block",
    BlockKind.VIRTUAL: "In `virtual NAME { }` and `failover NAME { }`",
    BlockKind.SERVER: "In `server NAME { }`, inside a virtual",
}
_KINDS = {
    ValueKind.INTEGER: "number",
    ValueKind.BOOLEAN: "0 or 1",
    ValueKind.ADDRESS: "address",
    ValueKind.FLOATING: "address and device",
    ValueKind.NETMASK: "mask, or /length",
    ValueKind.PORT: "port or service name",
    ValueKind.TEXT: "text",
    ValueKind.QUOTED: "text in double quotes",
    ValueKind.WORDS: "`[ words ]`",
}


def keyword_page() -> str:
    """Return the page as Markdown."""
    return "\n".join([_INTRODUCTION, *_sections()])


def _sections() -> Iterator[str]:
    for place, title in _TITLES.items():
        yield f"## {title}\n"
        yield "| key | on the pages | value | default | ADD | what it does |"
        yield "|---|---|---|---|---|---|"
        for keyword in KEYWORDS[place].values():
            yield _row(keyword)
        yield ""


def _row(keyword: Keyword) -> str:
    marks = ("" if keyword.piranha else " †") + ("" if keyword.has_effect else " ‡")
    cells = (
        f"`{keyword.name}`{marks}",
        keyword.label,
        _value(keyword),
        _example(keyword, keyword.default),
        _example(keyword, keyword.added),
        keyword.help,
    )
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _value(keyword: Keyword) -> str:
    if keyword.choices is not None:
        words = ", ".join(str(word) for word in keyword.choices)
        return words if keyword.kind is ValueKind.CHOICE else f"some of: {words}"
    text = _KINDS[keyword.kind]
    if keyword.low is not None and keyword.high is not None:
        text += f", {keyword.low} to {keyword.high}"
    return f"{text} {keyword.unit}".strip()


def _example(keyword: Keyword, value: Value | None) -> str:
    return "" if value is None else f"`{format_value(keyword, value)}`"
