"""How Piranha wrote a block's keys: their order, their indentation, one blank round the equals sign."""

from typing import Any

from app.lvs.grammar.value_writer import format_name, format_value
from app.lvs.keywords.table import KEYWORDS, Block
from app.lvs.model.keyword import BlockKind, Keyword

INDENT = {
    BlockKind.GLOBAL: "",
    BlockKind.VIRTUAL: "     ",
    BlockKind.FAILOVER: "     ",
    BlockKind.SERVER: "         ",
}
"""In front of a key, by the block it stands in."""

BLOCK_INDENT = {BlockKind.GLOBAL: "", BlockKind.VIRTUAL: "", BlockKind.FAILOVER: "", BlockKind.SERVER: "     "}
"""In front of a block's first and last line."""


_FAILOVER_FIRST = ("address", "vip_nmask", "active", "port", "timeout", "send", "expect", "send_program")
"""Piranha wrote the keys of a failover block in another order than those of a virtual one."""


def _written_order(place: BlockKind) -> tuple[Keyword, ...]:
    keywords = KEYWORDS[place]
    first = [keywords[name] for name in _FAILOVER_FIRST] if place is BlockKind.FAILOVER else []
    rest = [keyword for keyword in keywords.values() if keyword not in first]
    return (*first, *sorted(rest, key=lambda keyword: not keyword.piranha))


WRITTEN_ORDER = {place: _written_order(place) for place in BlockKind}
"""The keys of each kind of block as they are written, Piranha's own first."""


def fields_of(place: BlockKind, block: Block) -> dict[str, Any]:
    """Return the keys `block` has, by name, in writing order."""
    return {
        keyword.name: value
        for keyword in WRITTEN_ORDER[place]
        if (value := getattr(block, keyword.name)) is not None
    }


def write_settings(place: BlockKind, fields: dict[str, Any]) -> str:
    """Return one line for each of `fields`. Raises Unwritable."""
    keywords, indent = KEYWORDS[place], INDENT[place]
    return "".join([f"{indent}{name} = {format_value(keywords[name], value)}\n" for name, value in fields.items()])


def write_opening(place: BlockKind, name: str) -> str:
    """Return the first line of a block. Raises Unwritable."""
    return f"{BLOCK_INDENT[place]}{place} {format_name(name)} {{\n"


def write_closing(place: BlockKind) -> str:
    """Return the last line of a block."""
    return f"{BLOCK_INDENT[place]}}}\n"
