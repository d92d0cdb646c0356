"""How a block is kept: its settings as JSON in lvs.cf's words, its layout as JSON, neither with its children."""

from dataclasses import replace
from typing import Any, TypeVar

from app.lvs.formats.config_json import (
    JsonRefused,
    block_from_json,
    block_to_json,
    layout_from_json,
    layout_to_json,
)
from app.lvs.model.config import Config, RealServer, VirtualServer
from app.lvs.model.keyword import BlockKind
from app.store.database.failures import StoreFailed

Block = TypeVar("Block", Config, VirtualServer, RealServer)


def settings_of(block: Config | VirtualServer | RealServer) -> dict[str, Any]:
    """Return the settings of `block` alone. A Config's serial number is not among them: it has its own column."""
    settings = block_to_json(block)
    settings.pop("serial_no", None)
    return settings


def layout_of(block: Config | VirtualServer | RealServer) -> Any:
    """Return the layout of `block` as JSON can hold it, or None."""
    return None if block.layout is None else layout_to_json(block.layout)


def globals_from(settings: dict[str, Any], layout: Any) -> Config:
    """Return the settings outside every block as a Config without blocks and serial number."""
    return _block(Config, BlockKind.GLOBAL, settings, layout)


def virtual_from(settings: dict[str, Any], layout: Any, place: BlockKind = BlockKind.VIRTUAL) -> VirtualServer:
    """Return the virtual server (or failover service) without its real servers."""
    return _block(VirtualServer, place, settings, layout)


def server_from(settings: dict[str, Any], layout: Any) -> RealServer:
    """Return the real server."""
    return _block(RealServer, BlockKind.SERVER, settings, layout)


def is_same_block(block: Block, other: Block) -> bool:
    """Return whether two blocks say the same, their children left out and their layouts not regarded."""
    return block is other or without_children(block) == without_children(other)


def is_stored_alike(block: Block, other: Block) -> bool:
    """Return whether two blocks are the same to the last comment, their children left out."""
    return is_same_block(block, other) and (block.layout is other.layout or block.layout == other.layout)


def without_children(block: Block) -> Block:
    """Return `block` with nothing in it but its own settings; a Config without its serial number too."""
    if isinstance(block, Config):
        return replace(block, serial_no=None, virtual=(), failover=())
    if isinstance(block, VirtualServer):
        return replace(block, server=()) if block.server else block
    return block


def _block(kind: type[Block], place: BlockKind, settings: dict[str, Any], layout: Any) -> Block:
    try:
        block = block_from_json(place, settings)
    except JsonRefused as refused:
        raise StoreFailed(
            f"The database holds a {place or 'global'} block that this palometa cannot read: {refused}. Nothing "
            "was changed. If palometa was downgraded, install the newer version again."
        ) from refused
    if not isinstance(block, kind):
        raise TypeError(f"{kind.__name__} expected, {type(block).__name__} found")
    return block if layout is None else replace(block, layout=layout_from_json(layout))
