"""Files as people leave them, and edits as people make them, for property tests of reading and writing."""

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from app.lvs.grammar.writer import render
from app.lvs.keywords.table import KEYWORDS, Block
from app.lvs.model.config import Config, RealServer, VirtualServer
from app.lvs.model.keyword import BlockKind
from tests.lvs.strategies import configs, names, real_servers, values, virtual_servers

_EXTRA_LINES = st.sampled_from(
    [
        "# a comment",
        "",
        "   # virtual x {",
        "\t",
        "unknown_key = 1",
        "Keepalive = 7 # known by another name",
        "pmask = banana",
        "port = 81",
        "active = 1",
        "serial_no=9",
        "some words",
        "monitor {\n  inner = 1\n  deeper {\n  }\n}",
    ]
)
_LINE_ENDS = st.sampled_from(["\n", "\n", "\n", "\r\n", "\r"])
_TAILS = st.sampled_from(["", "", "", " ", "\t# why", ' # it\'s "so"'])


@st.composite
def messy_files(draw: st.DrawFn) -> bytes:
    """Draw a file: a configuration with comments, odd blanks, unknown keys, second settings and lost braces."""
    data = render(draw(configs())).decode()
    lines: list[str] = []
    line_end = draw(_LINE_ENDS)
    for line in data.removesuffix("\n").split("\n"):
        if draw(st.integers(0, 4)) == 0:
            lines.append(draw(_EXTRA_LINES).replace("\n", line_end))
        change = draw(st.integers(0, 9))
        if change == 0:
            line = line.replace(" = ", "=", 1)
        elif change == 1:
            line = draw(st.sampled_from(["", "\t", "    "])) + line.lstrip(" ")
        elif change == 2:
            line += draw(_TAILS)
        lines.append(line)
    while draw(st.integers(0, 5)) == 0 and lines and lines[-1].strip() == "}":
        lines.pop()
    head = draw(st.sampled_from(["", "", "\ufeff", "# head" + line_end]))
    end = draw(st.sampled_from([line_end, line_end, ""]))
    tail = draw(st.sampled_from(["", "", "", "\0", "\0rest\nof it"]))
    text = head + line_end.join(lines) + end + tail
    return text.encode(draw(st.sampled_from(["utf-8", "utf-8", "latin-1"])), "replace")


def _fields_changed(draw: st.DrawFn, place: BlockKind, block: Block) -> dict[str, Any]:
    chosen = draw(st.lists(st.sampled_from(list(KEYWORDS[place])), max_size=3))
    return {name: draw(st.one_of(st.none(), values(KEYWORDS[place][name]))) for name in chosen}


def _listed(draw: st.DrawFn, blocks: tuple[Any, ...], new: st.SearchStrategy[Any]) -> tuple[Any, ...]:
    """Delete, add or reorder."""
    what = draw(st.sampled_from(["nothing", "delete", "add", "reorder"]))
    if what == "add":
        at = draw(st.integers(0, len(blocks)))
        return (*blocks[:at], draw(new), *blocks[at:])
    if what == "delete" and blocks:
        at = draw(st.integers(0, len(blocks) - 1))
        return blocks[:at] + blocks[at + 1 :]
    if what == "reorder" and blocks:
        return tuple(draw(st.permutations(blocks)))
    return blocks


@st.composite
def _edited_server(draw: st.DrawFn, server: RealServer) -> RealServer:
    name = draw(st.one_of(st.just(server.name), names))
    return replace(server, name=name, **_fields_changed(draw, BlockKind.SERVER, server))


@st.composite
def _edited_virtual(draw: st.DrawFn, virtual: VirtualServer) -> VirtualServer:
    name = draw(st.one_of(st.just(virtual.name), names))
    servers = tuple(
        draw(_edited_server(server)) if draw(st.booleans()) else server
        for server in _listed(draw, virtual.server, real_servers())
    )
    return replace(virtual, name=name, server=servers, **_fields_changed(draw, BlockKind.VIRTUAL, virtual))


@st.composite
def edited(draw: st.DrawFn, config: Config) -> Config:
    """Draw what may become of `config` by a few edits."""
    lists: dict[str, Any] = {}
    for kind in ("failover", "virtual"):
        blocks = _listed(draw, getattr(config, kind), virtual_servers(max_servers=1))
        lists[kind] = tuple(draw(_edited_virtual(block)) if draw(st.booleans()) else block for block in blocks)
    return replace(config, **lists, **_fields_changed(draw, BlockKind.GLOBAL, config))
