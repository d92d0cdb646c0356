"""Rules about numbers: each within what its key accepts."""

from collections.abc import Iterator

from app.lvs.keywords import Block, keywords_of
from app.lvs.problem import Path, Problem, Severity


def range_problems(block: Block, path: Path) -> Iterator[Problem]:
    """Yield a problem for each number of `block` that is too small or too big."""
    for name, keyword in keywords_of(block).items():
        value = getattr(block, name)
        if not isinstance(value, int) or isinstance(value, bool):
            continue
        if (keyword.low is None or value >= keyword.low) and (keyword.high is None or value <= keyword.high):
            continue
        unit = f" {keyword.unit}" if keyword.unit else ""
        yield Problem(
            Severity.ERROR,
            (*path, name),
            f"{keyword.label} is {value}: it must be from {keyword.low} to {keyword.high}{unit}.",
        )
