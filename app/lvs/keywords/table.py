"""The one keyword table of lvs.cf: parser, writer, rules, forms, JSON and documentation read it."""

from collections.abc import Mapping
from typing import Any

from app.lvs.keywords.global_keys import GLOBAL_KEYWORDS
from app.lvs.keywords.pair_keys import PAIR_KEYWORDS
from app.lvs.keywords.server_keys import SERVER_KEYWORDS
from app.lvs.keywords.virtual_keys import VIRTUAL_KEYWORDS
from app.lvs.model.config import Config, RealServer, VirtualServer
from app.lvs.model.keyword import BlockKind, Keyword

Block = Config | VirtualServer | RealServer

_SHARED = {keyword.name: keyword for keyword in VIRTUAL_KEYWORDS}

KEYWORDS: Mapping[BlockKind, Mapping[str, Keyword]] = {
    BlockKind.GLOBAL: {keyword.name: keyword for keyword in (*GLOBAL_KEYWORDS, *PAIR_KEYWORDS)},
    BlockKind.VIRTUAL: _SHARED,
    BlockKind.FAILOVER: _SHARED,
    BlockKind.SERVER: {keyword.name: keyword for keyword in SERVER_KEYWORDS},
}
"""Every keyword by the block it stands in, in writing order."""

_PLACE_OF: Mapping[type, BlockKind] = {
    Config: BlockKind.GLOBAL,
    VirtualServer: BlockKind.VIRTUAL,
    RealServer: BlockKind.SERVER,
}


_DEFAULTS: Mapping[type, Mapping[str, Any]] = {
    kind: {name: keyword.default for name, keyword in KEYWORDS[place].items()} for kind, place in _PLACE_OF.items()
}


def place_of(block: Block) -> BlockKind:
    """Return where `block` stands; a failover block is a virtual one."""
    return _PLACE_OF[type(block)]


def keywords_of(block: Block) -> Mapping[str, Keyword]:
    """Return the keywords that may stand in `block`."""
    return KEYWORDS[place_of(block)]


def effective(block: Block, name: str) -> Any:
    """Return what `name` means in `block`: its value, or the daemons' default when it is absent."""
    value = getattr(block, name)
    return _DEFAULTS[type(block)][name] if value is None else value


def added(place: BlockKind) -> dict[str, Any]:
    """Return the values the ADD button writes into a new block of that kind."""
    return {name: keyword.added for name, keyword in KEYWORDS[place].items() if keyword.added is not None}


DEFAULT_PORT = 80
"""The port of a virtual server whose block names none."""
