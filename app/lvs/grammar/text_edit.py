"""A block that stood in a file and has changed since: what changed is put into its text, the rest stays.

A changed key is replaced where it stands, a key that is gone takes its lines with it, a new one comes to its
place in Piranha's order. Inner blocks come in from outside, already written.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from app.lvs.grammar.key_lines import KeyLines
from app.lvs.grammar.lexer import lines_of
from app.lvs.model.keyword import BlockKind
from app.lvs.model.layout import SourceText

_BOM = "\ufeff"


class Written(NamedTuple):
    """A piece of the file. `closers` are braces it leaves out; they are due as soon as anything follows."""

    text: str
    closers: str = ""


def joined(pieces: Iterable[Written]) -> Written:
    """Return `pieces` as one."""
    parts: list[str] = []
    closers = ""
    for piece in pieces:
        if not piece.text:
            continue
        if not piece.text.startswith("\0"):
            if parts and not parts[-1].endswith(("\n", "\r", _BOM)):
                parts.append("\n")
            if closers:
                parts.append(closers)
        parts.append(piece.text)
        closers = piece.closers
    return Written("".join(parts), closers)


Blocks = Sequence[tuple[BlockKind, Written]]


def revised(
    layout: SourceText, name: str, fields: Mapping[str, Any], blocks: Blocks, *, has_moved_port: bool = False
) -> Written:
    """Return the block as it stands now, with `blocks` inside it.

    `has_moved_port`: the ports implied by the order of the lines hold no longer; a virtual server's ``port``
    comes before its servers, a server's implied port is written.
    """
    pieces: Sequence[str] = layout.pieces
    if has_moved_port or layout.name != name or layout.values != fields:
        pieces = _changed(layout, name, fields, has_moved_port)
    closers = "" if layout.closed else _closing_of(layout.place)
    text, open_blocks = joined(_woven(layout, pieces, blocks))
    return Written(text, open_blocks + closers)


def _closing_of(place: BlockKind) -> str:
    return "     }\n" if place is BlockKind.SERVER else "}\n"


def _changed(layout: SourceText, name: str, fields: Mapping[str, Any], has_moved_port: bool) -> list[str]:
    place = layout.place
    lines = KeyLines(place, layout.pieces)
    if layout.name != name:
        lines.rename(name)
    known: dict[str, Any] = dict(layout.values)
    if has_moved_port and place is BlockKind.SERVER and layout.implied_ports:
        known.pop("port", None)
    elif has_moved_port and "port" in fields and lines.drop_after_first_block("port"):
        known["port"] = None
    for key in known:
        if key not in fields:
            lines.drop(key)
    for key, value in fields.items():
        if known.get(key) != value:
            lines.put(key, value)
    return lines.pieces()


def _woven(layout: SourceText, pieces: Sequence[str], blocks: Blocks) -> Iterator[Written]:
    """Yield the pieces with the blocks between: each takes the next place of its kind, more follow the last."""
    waiting = {kind: deque(written for place, written in blocks if place is kind) for kind in BlockKind}
    last_of = {kind: number for number, kind in enumerate(layout.blocks)}
    for number, kind in enumerate(layout.blocks):
        yield Written(pieces[number])
        if number == 0 and BlockKind.FAILOVER not in last_of:
            yield from _taken(waiting[BlockKind.FAILOVER])
        if last_of[kind] == number:
            yield from _taken(waiting[kind])
        elif waiting[kind]:
            yield waiting[kind].popleft()
    before, behind = ("", pieces[-1]) if layout.blocks else _split_end(layout, pieces[-1])
    yield Written(before)
    for kind in (BlockKind.FAILOVER, BlockKind.VIRTUAL, BlockKind.SERVER):
        yield from _taken(waiting[kind])
    yield Written(behind)


def _taken(waiting: deque[Written]) -> Iterator[Written]:
    while waiting:
        yield waiting.popleft()


def _split_end(layout: SourceText, piece: str) -> tuple[str, str]:
    """Return the last piece before and from where a first inner block comes in."""
    if layout.place is BlockKind.GLOBAL:
        body, nul, rest = piece.partition("\0")
        return body, nul + rest
    if not layout.closed:
        return piece, ""
    lines = lines_of(piece)
    return "".join(lines[:-1]), lines[-1]
