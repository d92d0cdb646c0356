"""A layout as JSON and back, so that a block kept elsewhere is written as it stood in its file."""

from typing import Any

from app.lvs.formats.value_json import value_from_json, value_to_json
from app.lvs.keywords.table import KEYWORDS
from app.lvs.model.keyword import BlockKind
from app.lvs.model.layout import SourceText


def layout_to_json(layout: SourceText) -> list[Any]:
    """Return `layout` as a list that JSON can hold, without what stood behind a NUL: no database takes that."""
    keywords = KEYWORDS[layout.place]
    return [
        layout.place.value,
        [piece.partition("\0")[0] for piece in layout.pieces],
        [place.value for place in layout.blocks],
        {name: value_to_json(keywords[name], value) for name, value in layout.values.items()},
        layout.name,
        layout.closed,
        list(layout.implied_ports),
        layout.is_latin1,
    ]


def layout_from_json(document: list[Any]) -> SourceText:
    """Return the layout that layout_to_json made `document` of."""
    place_word, pieces, blocks, values, name, closed, implied_ports, is_latin1 = document
    place = BlockKind(place_word)
    keywords = KEYWORDS[place]
    return SourceText(
        place,
        tuple(pieces),
        tuple(BlockKind(word) for word in blocks),
        {key: value_from_json(keywords[key], value) for key, value in values.items()},
        name,
        closed,
        tuple(implied_ports),
        is_latin1,
    )
