"""Rules about numbers: each within what its key accepts."""

from collections.abc import Iterator, Mapping

from app.lvs.keywords.table import KEYWORDS, Block, place_of
from app.lvs.model.config import Config, RealServer, VirtualServer
from app.lvs.model.keyword import BlockKind, Keyword, ValueKind
from app.lvs.model.printable import control_character
from app.lvs.model.problem import Path, Problem, Severity

_LIMITED: Mapping[BlockKind, tuple[tuple[str, Keyword], ...]] = {
    place: tuple(
        (name, keyword) for name, keyword in keywords.items() if (keyword.low, keyword.high) != (None, None)
    )
    for place, keywords in KEYWORDS.items()
}
"""The keys that have a limit: every block is asked for these, and not for all it may have."""


def range_problems(block: Block, path: Path) -> Iterator[Problem]:
    """Yield a problem for each number of `block` that is too small or too big."""
    for name, keyword in _LIMITED[place_of(block)]:
        value = getattr(block, name)
        if value is None or not isinstance(value, int):
            continue
        if (keyword.low is None or value >= keyword.low) and (keyword.high is None or value <= keyword.high):
            continue
        unit = f" {keyword.unit}" if keyword.unit else ""
        yield Problem(
            Severity.ERROR,
            (*path, name),
            f"{keyword.label} is {value}: it must be from {keyword.low} to {keyword.high}{unit}.",
        )


_TEXTS: Mapping[type, tuple[Keyword, ...]] = {
    block: tuple(
        keyword
        for keyword in KEYWORDS[place].values()
        if keyword.kind is ValueKind.FLOATING
        or (keyword.kind in (ValueKind.TEXT, ValueKind.QUOTED) and not keyword.piranha)
    )
    for block, place in (
        (Config, BlockKind.GLOBAL),
        (VirtualServer, BlockKind.VIRTUAL),
        (RealServer, BlockKind.SERVER),
    )
}


def text_problems(block: Block, path: Path) -> Iterator[Problem]:
    """Yield a problem for each control character in the name, the device and our own texts of `block`.

    Piranha's texts are left alone: what is sent to a server may be any byte.
    """
    if not isinstance(block, Config) and (found := control_character(block.name)):
        yield _problem((*path, "name"), "The name", found)
    for keyword in _TEXTS[type(block)]:
        value = getattr(block, keyword.name)
        if value is None:
            continue
        if keyword.kind is ValueKind.FLOATING:
            if found := control_character(value.device):
                yield _problem((*path, keyword.name, "device"), f"The device of {keyword.label}", found)
        elif found := control_character(value):
            yield _problem((*path, keyword.name), keyword.label, found)


def _problem(path: Path, label: str, found: str) -> Problem:
    return Problem(
        Severity.ERROR,
        path,
        f"{label} has a control character ({found}), which could garble a terminal or a page: remove it.",
    )
