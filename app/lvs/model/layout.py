"""How a block stood in its file: its raw text, so that comments, unknown keys and order survive an edit.

The text is only looked into again when something in the block changed (`revision.py`); a block whose
contents are as they were read is written as it stood.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.lvs.model.keyword import BlockKind, Value


@dataclass(frozen=True, slots=True)
class SourceText:
    """The text of one block without the named blocks inside it, and the values that text had when it was read.

    `pieces` is the text before, between and after the inner blocks, `blocks` the kind of each of these: one
    fewer than pieces. A named block begins with the comments that stand right above it. `values` are the keys
    the block held, by name, `name` its name. `closed` False: the file ended before the closing brace.
    `implied_ports`: Piranha gives a server without a port the port its virtual server had *so far*; where a
    later line changes that, a virtual server's layout has the port each inner block got so (None: its final
    one), and the server's layout has its own. `is_latin1`: the file was not UTF-8 (of a
    whole file and of a virtual server, whose texts are sent as the bytes they were).
    """

    place: BlockKind
    pieces: tuple[str, ...]
    blocks: tuple[BlockKind, ...] = ()
    values: Mapping[str, Value] = field(default_factory=dict)
    name: str = ""
    closed: bool = True
    implied_ports: tuple[int | None, ...] = ()
    is_latin1: bool = False
