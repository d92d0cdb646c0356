"""Writes the figures of one run as docs/performance.md; every number on that page comes from them."""

from collections.abc import Iterator

from bench import goals
from bench.accepting import ACCEPTING
from bench.adopting import ADOPTING
from bench.figures import Figure, Figures, shown
from bench.one_weight import ONE_WEIGHT
from bench.phases import COLD_APPLY, COLD_PULSE, FAULTS, LOOKING, MODULES, START, TELLING
from bench.summary import summary

WORSE_THAN_LINEAR = 1.15
"""Exponents above this are marked: less is noise, or a constant cost at small sizes."""

_PAGE = """\
# Performance

At the largest size measured, {size:,} virtual servers with ten real servers each; shorter is better.

{summary}

What was missed of the goals, where the time goes and how it grows with the size is below.

This page is written by `make bench` from a single run. Each tool gets the same work in the same kernel, in turn,
and the time is measured until the result is in the kernel. A size is a number of virtual servers with ten real
servers each; for checks it is a number of targets, for lost requests a number of real servers. The embedded kernel
has one slow processor on which system calls and newly allocated memory are expensive, so read the ratios, not the
milliseconds. All values are medians.

To repeat the run: `make bench`. It takes about half an hour and requires an otherwise idle machine. The
individual values are written to `build/bench.json`. `.venv/bin/python -m bench --sizes 20 50` is a short run,
which writes its page to `build/performance.md`.

{about}

## Goals

At the largest size, unless stated otherwise.

{goals}

{notes}## Where the time goes

{phases}

## How cost grows with the size

The exponent: 1 is linear growth, 0 is none. Faster than linear growth is marked.

{growth}

## All figures

{table}
"""

_COLD = """\
The steps of a cold `palometa apply` at each size, then the memory pages that each step touched for the first time;
for each of these the embedded kernel has to call the host's kernel.

Each cold start runs in a new network namespace, whose table has never had any entries. A table that was emptied
is not equivalent: the kernel keeps deleted destinations for two to four minutes, and searches all of them
linearly for each destination that is added (`ip_vs_trash_get_dest`). After 10,000 had been deleted, the same
changes took three to seven times as long with every tool, and the time grew nearly with the square of the size."""
_PULSE = "The start of pulse with such a kernel:"
_WEIGHT = """\
One changed weight, from the file to the kernel, excluding the notification of the file change and the switch to a
thread and back."""
_ACCEPT = """\
ACCEPT in the web part, called within the process. The table above covers pulse's work until the change is in
the kernel; the rest of its step here is the comparison of the whole table and the answer, which do not delay
the kernel. The figure in the goals is larger than the two together: it is measured over HTTP by a client in the
same kernel (the time of a static file, among all figures, is little more than that round trip), and the
benchmark polls every two milliseconds for the change (one poll is among all figures, too), all on the single
processor. Also, each request goes to one of the two processes of the web part, which first loads the changes
made by the other.

To be as fast as a signal to keepalived, which keeps neither history nor audit, the kernel would have to be
changed before the change is in the database and on disk. A crash in between would then leave a configuration
running that was never saved, so this is not done."""
_ADOPT = """\
Adopting a correct table in a process that has just started. It reads the table, for the first time and
therefore into newly allocated memory; the other steps compute what the table does not contain: which servers to
check, and the desired table. To take no longer than reading, pulse would have to postpone these steps, and
could not tell in the meantime whether the table is correct."""


def page(figures: Figures) -> str:
    """Return the page of `figures`."""
    return _PAGE.format(
        size=max((figure.size for figure in figures.found if figure.case == "cold apply"), default=0),
        summary=summary(figures),
        about="\n".join(_about(figures)),
        goals="\n".join(goals.lines(figures)),
        notes="\n".join(_notes(figures)),
        phases="\n".join(_phases(figures)),
        growth="\n".join(_growth(figures)),
        table="\n".join(_table(figures)),
    )


def _about(figures: Figures) -> Iterator[str]:
    yield "| | |"
    yield "|---|---|"
    for name, value in figures.about.items():
        yield f"| {name} | {value} |"


def _notes(figures: Figures) -> Iterator[str]:
    if figures.notes:
        yield "Notes on this run:\n"
        yield from (f"- {sentence}" for sentence in figures.notes)
        yield "\n"


def _phases(figures: Figures) -> Iterator[str]:
    yield _COLD
    yield ""
    yield from _by_contender(figures, (COLD_APPLY, FAULTS))
    yield from _budget(figures)
    yield ""
    yield _PULSE
    yield ""
    yield from _by_contender(figures, (COLD_PULSE,))
    yield _WEIGHT
    yield ""
    yield from _by_contender(figures, (ONE_WEIGHT,))
    yield _ACCEPT
    yield ""
    yield from _by_contender(figures, (ACCEPTING,))
    yield _ADOPT
    yield ""
    yield from _by_contender(figures, (ADOPTING,))


def _budget(figures: Figures) -> Iterator[str]:
    """Yield the time the goals allow a cold apply, and the time of each part, at the largest size."""
    others = [figures.of_case("cold apply", name) for name in ("keepalived", "ipvsadm -R")]
    steps = {figure.contender: figure.median for figure in figures.found if figure.case == COLD_APPLY}
    if not steps or not all(others):
        return
    # Later sizes overwrote earlier ones: these figures are of the largest size.
    allowed = min(others[0][-1].median / 3, others[1][-1].median / 8)
    start = steps[START] + steps[MODULES]
    telling = steps[TELLING]
    looking = steps[LOOKING]
    understanding = sum(steps.values()) - start - telling - looking
    yield (
        f"The goals allow {shown(allowed)} ms. Starting Python and loading modules takes {shown(start)} ms, "
        f"processing the file {shown(understanding)} ms, changing the kernel {shown(telling)} ms, reading the "
        f"table back {shown(looking)} ms."
    )
    if start + telling > allowed:
        yield (
            "So the goals are out of reach even if reading the file took no time: they would require a program "
            "that does not start Python and reads the file in compiled code. A running pulse avoids the start of "
            "Python; the time it takes to replace everything is among the figures below."
        )
    elif sum(steps.values()) > allowed:
        yield "To reach them, the file or the table would have to be read in compiled code."


def _by_contender(figures: Figures, cases: tuple[str, ...]) -> Iterator[str]:
    """Yield a table of steps (the contenders of these cases) by size, with their share at the largest size."""
    for case in cases:
        found = [figure for figure in figures.found if figure.case == case]
        sizes = sorted({figure.size for figure in found})
        if not found:
            continue
        yield f"| {case}, {found[0].unit} |" + "".join(f" {size} |" for size in sizes) + " share |"
        yield "|---|" + "---:|" * (len(sizes) + 1)
        total = sum(figure.median for figure in found if figure.size == sizes[-1])
        for step in dict.fromkeys(figure.contender for figure in found):
            values = [figures.find(case, size, step) for size in sizes]
            cells = "".join(f" {shown(value.median) if value else '–'} |" for value in values)
            last = values[-1]
            yield f"| {step} |{cells} {last.median / total:.0%} |" if last else f"| {step} |{cells} – |"
        yield ""


def _growth(figures: Figures) -> Iterator[str]:
    yield "| case | | exponent | |"
    yield "|---|---|---:|---|"
    for case, contender, exponent in figures.exponents():
        mark = "faster than linear" if exponent > WORSE_THAN_LINEAR else ""
        yield f"| {case} | {contender} | {exponent:.2f} | {mark} |"


def _table(figures: Figures) -> Iterator[str]:
    yield "| case | size | | median | minimum to maximum | relative to Palometa |"
    yield "|---|---:|---|---:|---:|---:|"
    for figure in figures.found:
        yield (
            f"| {figure.case} | {figure.size:,} | {figure.contender} | {shown(figure.median)} {figure.unit} "
            f"| {figure.spread} | {_ratio(figures, figure)} |"
        )


def _ratio(figures: Figures, figure: Figure) -> str:
    ours = figures.counterpart(figure)
    return f"{shown(figure.median / ours.median)} ×" if ours is not None and ours.median else ""
