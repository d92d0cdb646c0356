"""The figures of one run as docs/performance.md. Every number on that page comes from them."""

from collections.abc import Iterator

from bench import goals
from bench.accepting import ACCEPTING
from bench.adopting import ADOPTING
from bench.figures import Figure, Figures, shown
from bench.one_weight import ONE_WEIGHT
from bench.phases import COLD_APPLY, COLD_PULSE, FAULTS, LOOKING, MODULES, START, TELLING

WORSE_THAN_LINEAR = 1.15
"""An exponent above this is marked: below, it is noise, or what is constant at small sizes."""

_PAGE = """\
# Performance

Measured by `make bench` and written by it, in one run: each tool gets the same work in the same kernel, in turn,
and what is timed ends when the kernel holds it. A size is a number of virtual servers of ten real servers each;
for checks it is a number of targets, for lost requests one of real servers. The embedded kernel is one slow
processor on which system calls and fresh memory are dear, so read the ratios, not the milliseconds. Shown are
medians.

To repeat it: `make bench`; it takes about half an hour and wants an otherwise idle machine. The values of every
run go to `build/bench.json`. `.venv/bin/python -m bench --sizes 20 50` is a short one, whose page goes to
`build/performance.md`.

{about}

## Goals

At the largest size unless it says otherwise.

{goals}

{notes}## Where the time goes

{phases}

## How cost grows with the size

The exponent: 1 is linear, 0 is not at all. What grows faster than linearly is marked.

{growth}

## All figures

{table}
"""

_COLD = """\
A cold `palometa apply`, step by step, at each size; then the pages of memory that each step touched for the first
time, each of which costs the embedded kernel a round through the machine's.

Each contender's cold start is in a network namespace of its own, whose table the kernel has never held. A table
that was emptied is not as good: the kernel keeps deleted destinations for two to four minutes, and for each that
is added it looks through all of them, one by one (`ip_vs_trash_get_dest`). Where 10,000 had been deleted before,
telling it the same took three to seven times as long, whoever told it, and grew nearly with the square of the
size."""
_PULSE = "The start of pulse on such a kernel:"
_WEIGHT = """\
One changed weight, from the file to the kernel. What is left out is the notice of the file and the way to a
thread and back."""
_ACCEPT = """\
ACCEPT in the web part, pressed within the process. What pulse does until the kernel has it is in the table
above; the rest of its step here is its look at the whole and its answer, for which the kernel does not wait.
The figure among the goals is more than the two together: it is taken through HTTP by a client in the same
kernel (what a static file takes, among all figures, is that way there and back and little else), and the benchmark
looks every two milliseconds whether the change is there (one look is among all figures, too), all on the one
processor. And each press goes to either of the web part's two processes, which first takes up what the other has
changed.

To be as quick as a signal to keepalived, which keeps neither history nor audit, the kernel would have to be
told before the database and the disk have the change: then a crash in between would leave running what was
never saved. So it is left."""
_ADOPT = """\
Adopting a table that is right, in a process that has just started. It reads the table, for the first time and
so into fresh memory; the other steps are what a table alone does not say: which servers are to be checked, and
what is wanted. To take no longer than reading, pulse would have to put these off, and could not say meanwhile
whether the table is right."""


def page(figures: Figures) -> str:
    """Return the page of `figures`."""
    return _PAGE.format(
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
        yield "What the run has to say of itself:\n"
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
    """Yield what the goals of a cold apply leave, and what each part takes of it, at the largest size."""
    others = [figures.of_case("cold apply", name) for name in ("keepalived", "ipvsadm -R")]
    steps = {figure.contender: figure.median for figure in figures.found if figure.case == COLD_APPLY}
    if not steps or not all(others):
        return
    # Later sizes overwrote earlier ones: these are the largest's.
    allowed = min(others[0][-1].median / 3, others[1][-1].median / 8)
    start = steps[START] + steps[MODULES]
    telling = steps[TELLING]
    looking = steps[LOOKING]
    understanding = sum(steps.values()) - start - telling - looking
    yield (
        f"The goals leave {shown(allowed)} ms. Starting Python and loading modules takes {shown(start)} ms, "
        f"understanding the file {shown(understanding)} ms, telling the kernel {shown(telling)} ms, looking at "
        f"what it then holds {shown(looking)} ms."
    )
    if start + telling > allowed:
        yield (
            "So the goals are out of reach even with a file that takes no time to read: they would need a program "
            "that does not start Python and reads the file in compiled code. pulse, while it runs, does without "
            "the first of these; what it takes to replace everything is among the figures below."
        )
    elif sum(steps.values()) > allowed:
        yield "To reach them the file would have to be read, or the table looked at, in compiled code."


def _by_contender(figures: Figures, cases: tuple[str, ...]) -> Iterator[str]:
    """Yield a table of steps (which are these cases' contenders) by size, and the share at the largest."""
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
    yield "| case | size | | median | least to greatest | beside Palometa |"
    yield "|---|---:|---|---:|---:|---:|"
    for figure in figures.found:
        yield (
            f"| {figure.case} | {figure.size:,} | {figure.contender} | {shown(figure.median)} {figure.unit} "
            f"| {figure.spread} | {_ratio(figures, figure)} |"
        )


def _ratio(figures: Figures, figure: Figure) -> str:
    ours = figures.beside(figure)
    return f"{shown(figure.median / ours.median)} ×" if ours is not None and ours.median else ""
