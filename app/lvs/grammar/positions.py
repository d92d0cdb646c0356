"""Where in its file a part of a configuration stands: from the path of a problem to line and column."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from app.lvs.grammar.lexer import lines_of
from app.lvs.grammar.line import Role, parse_line
from app.lvs.keywords.table import Block
from app.lvs.model.config import Config
from app.lvs.model.keyword import BlockKind
from app.lvs.model.layout import SourceText
from app.lvs.model.problem import Path, Problem

Spot = tuple[int, int]
"""Line and column, from 1; (0, 0): nowhere."""

_NOWHERE: Spot = (0, 0)


Starts = Mapping[tuple[BlockKind, int], int]
"""How many lines of a block come before each of its inner blocks, by kind and index."""


def located(config: Config, problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
    """Return `problems` with the places in the file `config` was read from; those with a place keep it."""
    if not problems or config.layout is None:
        return problems
    starts = _starts(config, config.layout)
    return tuple(problem if problem.line else _located(config, problem, starts) for problem in problems)


def spot_of(config: Config, path: Path, starts: Starts | None = None) -> Spot:
    """Return where what `path` names stands: the line of its key, or of its block's header when it has no line.

    `starts` are those of `config`, for a caller with many questions: they take a look at every block.
    """
    block: Block = config
    first_line = 1
    rest = path
    while len(rest) > 1 and isinstance(rest[1], int):
        word, index = str(rest[0]), rest[1]
        inner = getattr(block, word)
        if block.layout is None or index >= len(inner):
            return _NOWHERE
        known = starts if block is config and starts is not None else _starts(block, block.layout)
        first_line += known[BlockKind(word), index]
        block = inner[index]
        rest = rest[2:]
    if block.layout is None:
        return _NOWHERE
    return _key_spot(block, block.layout, first_line, str(rest[0]) if rest else "")


def _located(config: Config, problem: Problem, starts: Starts) -> Problem:
    line, column = spot_of(config, problem.path, starts)
    return replace(problem, line=line, column=column)


def _starts(block: Block, layout: SourceText) -> Starts:
    starts: dict[tuple[BlockKind, int], int] = {}
    count = 0
    for piece, kind, number in _pieces(layout):
        count += len(lines_of(piece))
        if kind is not None:
            starts[kind, number] = count
            count += _length(getattr(block, kind)[number])
    return starts


def _length(block: Block) -> int:
    if block.layout is None:
        return 0
    own = sum(len(lines_of(piece)) for piece in block.layout.pieces)
    inner = getattr(block, "server", ())
    return own + sum(_length(server) for server in inner)


def _pieces(layout: SourceText) -> Iterator[tuple[str, BlockKind | None, int]]:
    """Yield each piece of text, and which inner block follows it: its kind, and its index among its kind."""
    seen: dict[BlockKind, int] = {}
    for piece, kind in zip(layout.pieces, (*layout.blocks, None), strict=True):
        number = seen.get(kind, 0) if kind is not None else 0
        if kind is not None:
            seen[kind] = number + 1
        yield piece, kind, number


def _key_spot(block: Block, layout: SourceText, first_line: int, key: str) -> Spot:
    found = header = _NOWHERE
    at = first_line
    place = layout.place
    outside = place is not BlockKind.GLOBAL
    for piece, kind, number in _pieces(layout):
        for line in lines_of(piece):
            # Until its header has come, a block's text is the comments above it.
            parsed = parse_line(_outer(place) if outside else place, line)
            if outside and parsed.role is Role.OPEN:
                header, outside = (at, parsed.column + 1), False
            elif parsed.role is Role.SET and parsed.word == key:
                found = (at, parsed.column + 1)
            at += 1
        if kind is not None:
            at += _length(getattr(block, kind)[number])
    return found if found != _NOWHERE else header


def _outer(place: BlockKind) -> BlockKind:
    return BlockKind.VIRTUAL if place is BlockKind.SERVER else BlockKind.GLOBAL
