"""Rules about numbers: each within what its key accepts."""

from collections.abc import Iterator, Mapping

from app.lvs.keywords.table import KEYWORDS, Block, place_of
from app.lvs.model.keyword import Keyword, Place
from app.lvs.model.problem import Path, Problem, Severity

_LIMITED: Mapping[Place, tuple[tuple[str, Keyword], ...]] = {
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
