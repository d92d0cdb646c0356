"""The first screen of docs/performance.md: how fast it is, beside what, as bars of text."""

from collections.abc import Iterator, Sequence

from bench.figures import Figure, Figures, shown

_BAR = 36
_QUESTIONS = (
    ("the whole table, from nothing", "cold apply"),
    ("one weight changed, until the kernel has it", "one weight"),
    ("everything replaced, until the kernel has it", "everything replaced"),
    ("the table read, with its counters", "read the table with counters"),
    ("processor time of a TCP check", "connect check: processor time of one"),
    ("processor time of an HTTP check", "HTTP check: processor time of one"),
    ("memory", "memory"),
    ("requests lost in 200 changes", "requests lost during 200 changes"),
)
"""What somebody asks first, and the case that answers it; shorter is better in each."""


def summary(figures: Figures) -> str:
    """Return a chart of each question that this run answers, at its largest size."""
    charts = ["\n".join(_chart(question, found)) for question, found in _answers(figures)]
    return "\n".join(["```text", "\n\n".join(charts), "```"])


def _answers(figures: Figures) -> Iterator[tuple[str, list[Figure]]]:
    for question, case in _QUESTIONS:
        found = [figure for figure in figures.found if figure.case == case]
        if found:
            largest = max(figure.size for figure in found)
            yield question, [figure for figure in found if figure.size == largest]


def _chart(question: str, found: Sequence[Figure]) -> Iterator[str]:
    longest, width = max(figure.median for figure in found), max(len(figure.contender) for figure in found)
    yield question
    for figure in sorted(found, key=lambda figure: figure.median):
        bar = "█" * max(1, round(_BAR * figure.median / longest)) if figure.median else ""
        value = f"{shown(figure.median)} {figure.unit}"
        yield f"  {figure.contender:<{width}}  {bar}{' ' if bar else ''}{value}"
