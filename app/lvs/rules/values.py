"""Rules about numbers and letters: what a key accepts, and what the file's encoding can hold."""

from collections.abc import Iterator, Mapping
from contextlib import suppress

from app.lvs.keywords.table import KEYWORDS, Block, place_of
from app.lvs.model.config import Config, RealServer, VirtualServer
from app.lvs.model.keyword import BlockKind, Keyword, ValueKind
from app.lvs.model.printable import control_character, shown
from app.lvs.model.problem import Path, Problem, Severity
from app.lvs.model.values import Floating

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


_NAMED_MAX = 3
_SENT = ("send", "expect", "send_program", "check_secret", "also_check")
"""The texts of a virtual server that reach others as the bytes they are in the file."""


def encoding_problems(config: Config) -> Iterator[Problem]:
    """Yield a warning for each text by which a Latin-1 file becomes UTF-8, if other texts then are other bytes."""
    if config.layout is None or not config.layout.is_latin1:
        return
    changing = [
        f"{key} of {shown(virtual.name)}"
        for virtual in config.virtual
        for key in _SENT
        if any(0x80 <= ord(letter) <= 0xFF for letter in getattr(virtual, key) or "")
    ]
    if not changing:
        return
    more = f" and {len(changing) - _NAMED_MAX} more" if len(changing) > _NAMED_MAX else ""
    named = ", ".join(changing[:_NAMED_MAX]) + more
    for path, text in _all_texts(config):
        if letter := _first_beyond(text):
            yield Problem(
                Severity.WARNING,
                path,
                f"'{letter}' does not exist in Latin-1, the encoding of this lvs.cf, so the whole file becomes "
                f"UTF-8. That changes the bytes of {named}. Write it without this letter, or see that UTF-8 is "
                "expected where these texts are sent.",
            )


def _all_texts(config: Config) -> Iterator[tuple[Path, str]]:
    blocks: list[tuple[Path, Block]] = [((), config)]
    for place, virtuals in (("virtual", config.virtual), ("failover", config.failover)):
        for index, virtual in enumerate(virtuals):
            blocks.append(((place, index), virtual))
            blocks += [((place, index, "server", number), server) for number, server in enumerate(virtual.server)]
    for path, block in blocks:
        if not isinstance(block, Config):
            yield (*path, "name"), block.name
        for name in KEYWORDS[place_of(block)]:
            value = getattr(block, name)
            if isinstance(value, Floating):
                yield (*path, name, "device"), value.device
            elif isinstance(value, str):
                yield (*path, name), value


def _first_beyond(text: str) -> str | None:
    """Return the first letter of `text` that Latin-1 does not have."""
    with suppress(UnicodeEncodeError):
        text.encode("latin-1")
        return None
    return next(letter for letter in text if ord(letter) > 0xFF)
