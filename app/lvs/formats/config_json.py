"""The configuration as JSON and back: lvs.cf's own words as keys, blocks as arrays in file order.

Nothing is dropped silently: from_json names every key and value it cannot take, each with its place.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app.lvs.formats.layout_json import layout_from_json, layout_to_json
from app.lvs.formats.value_json import value_from_json, value_to_json
from app.lvs.grammar.value_reader import ValueRefused
from app.lvs.grammar.value_writer import why_text_unwritable
from app.lvs.keywords.table import KEYWORDS, Block
from app.lvs.model.config import Config, RealServer, VirtualServer
from app.lvs.model.keyword import BlockKind
from app.lvs.model.problem import Path, Problem, Severity

_INNER = {
    BlockKind.GLOBAL: (BlockKind.FAILOVER, BlockKind.VIRTUAL),
    BlockKind.VIRTUAL: (BlockKind.SERVER,),
    BlockKind.FAILOVER: (BlockKind.SERVER,),
    BlockKind.SERVER: (),
}


class JsonRefused(Exception):
    """The document is no configuration; `problems` says everything that is wrong, each with its path."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        first = problems[0]
        where = ".".join(str(part) for part in first.path) or "the document"
        super().__init__(
            f"{where}: {first.message}" + (f" (and {len(problems) - 1} more)" if problems[1:] else "")
        )
        self.problems = problems


def to_json(config: Config) -> dict[str, Any]:
    """Return the whole configuration; keys that are absent are left out, `failover` and `virtual` never."""
    document = block_to_json(config)
    for place, blocks in ((BlockKind.FAILOVER, config.failover), (BlockKind.VIRTUAL, config.virtual)):
        document[place.value] = [
            {**block_to_json(virtual), "server": [block_to_json(server) for server in virtual.server]}
            for virtual in blocks
        ]
    return document


def block_to_json(block: Block) -> dict[str, Any]:
    """Return one block without the blocks inside it; `name` first where it has one."""
    place = _PLACE_OF[type(block)]
    document = {} if isinstance(block, Config) else {"name": block.name}
    for name, keyword in KEYWORDS[place].items():
        value = getattr(block, name)
        if value is not None:
            document[name] = value_to_json(keyword, value)
    return document


_PLACE_OF: Mapping[type, BlockKind] = {
    Config: BlockKind.GLOBAL,
    VirtualServer: BlockKind.VIRTUAL,
    RealServer: BlockKind.SERVER,
}


def from_json(document: Any) -> Config:
    """Return the configuration `document` holds. Raises JsonRefused with every problem."""
    reader = _JsonReader()
    config = reader.block(BlockKind.GLOBAL, document, (), has_inner=True)
    reader.finish()
    assert isinstance(config, Config)  # noqa: S101 - Place.GLOBAL makes one
    return config


def block_from_json(place: BlockKind, document: Any) -> Block:
    """Return the one block `document` holds, without blocks inside it. Raises JsonRefused."""
    reader = _JsonReader()
    block = reader.block(place, document, (), has_inner=False)
    reader.finish()
    return block


class _JsonReader:
    """Reads a document and gathers what is wrong with it."""

    def __init__(self) -> None:
        self._problems: list[Problem] = []

    def finish(self) -> None:
        if self._problems:
            raise JsonRefused(tuple(self._problems))

    def _refuse(self, path: Path, message: str) -> None:
        self._problems.append(Problem(Severity.ERROR, path, message))

    def block(self, place: BlockKind, document: Any, path: Path, *, has_inner: bool) -> Block:
        if not isinstance(document, dict):
            self._refuse(path, f"{type(document).__name__} found; an object with lvs.cf's keys is required")
            document = {"name": ""}
        inner = {kind.value for kind in _INNER[place]} if has_inner else set()
        fields: dict[str, Any] = {}
        for key, found in document.items():
            if key in inner or (key == "name" and place is not BlockKind.GLOBAL):
                continue
            keyword = KEYWORDS[place].get(key)
            if keyword is None:
                where = f"a {place} block" if place else "the outermost object"
                self._refuse((*path, str(key)), f"{str(key)[:60]!r} is not a key of {where}; delete it")
            elif found is not None:
                try:
                    fields[key] = value_from_json(keyword, found)
                except ValueRefused as refused:
                    self._refuse((*path, key), str(refused))
        block = self._made(place, document, path, fields)
        return self._with_inner(block, document, path) if has_inner else block

    def _made(self, place: BlockKind, document: Mapping[str, Any], path: Path, fields: dict[str, Any]) -> Block:
        if place is BlockKind.GLOBAL:
            return Config(**fields)
        name = document.get("name")
        if not isinstance(name, str):
            self._refuse((*path, "name"), "the name is missing or is not a string; a string is required")
            name = ""
        reason = why_text_unwritable(name)
        if reason is not None:
            self._refuse((*path, "name"), reason)
        if place is BlockKind.SERVER:
            return RealServer(name=name, **fields)
        return VirtualServer(name=name, **fields)

    def _with_inner(self, block: Block, document: Any, path: Path) -> Block:
        if isinstance(block, RealServer) or not isinstance(document, dict):
            return block
        place = _PLACE_OF[type(block)]
        inner: dict[str, Any] = {
            kind.value: self._blocks(kind, document.get(kind.value), path) for kind in _INNER[place]
        }
        return replace(block, **inner)

    def _blocks(self, place: BlockKind, found: Any, path: Path) -> tuple[Any, ...]:
        if found is None:
            return ()
        path = (*path, place.value)
        if not isinstance(found, list):
            self._refuse(path, f"{type(found).__name__} found; an array of {place} objects is required")
            return ()
        return tuple(
            self.block(place, document, (*path, number), has_inner=True) for number, document in enumerate(found)
        )


__all__ = [
    "JsonRefused",
    "block_from_json",
    "block_to_json",
    "from_json",
    "layout_from_json",
    "layout_to_json",
    "to_json",
]
