"""Writes the results of all faults as docs/pair-figures.md; every number on that page comes from one run."""

import statistics
from collections.abc import Iterator, Mapping, Sequence

from bench.pair.course import Fault, Takes
from bench.pair.faults import FAULTS
from bench.pair.ours import OurPair
from bench.pair.plain import PlainPair
from bench.pair.promises import evaluate
from bench.pair.trial import SLACK_S, Trial

TELLABLE_S = 0.005
"""Less than this is printed as never, as it would be 0.00 s."""

_PAGE = """\
# A pair of routers in each fault

This page is written by `make bench-pair` from a single run with two directors, three real servers and a client
in the embedded kernel: first with Palometa on both directors (`advert_ms = 100`), then with plain keepalived
(`advert_int 0.1`, version 3, unicast, both BACKUP with `nopreempt`, its own HTTP checkers, `lvs_sync_daemon`).
To repeat the run: `make bench-pair`; it takes about ten minutes. An interval of 0.1 s requires an otherwise
idle machine, because a router that does not get the processor for a third of a second is considered dead. The
individual results are written to `build/bench-pair.json`.

{about}

## Promises

At an interval of 0.1 s; the worst result counts.

| promise | result | |
|---|---|---|
{promises}

{notes}## Results

Each fault affects the first router, which owns the virtual IP. The client sends ten requests a second, each over
a new connection and with a timeout of three seconds. It also reads from one long-lived connection that both
kernels know by then.

- **taken over after**: time from before the command that causes the fault until the kernel of the correct router
  had the address (`ip monitor`); the median and the maximum of several runs. If both were restarted: from the
  start of the processes.
- **two owners**: the longest continuous time. If it did not end on its own: until the fault was ended.
- **failed**: requests without an answer, of all from a second before the fault until well after it; in brackets
  when they began, in seconds after the fault. Failures of a take-over began between {slack:g} s
  before the fault, or its end, and {slack:g} s after the last move of the address that followed; others are
  counted as **at another time**.
- **slowest**: the longest response time of the other requests. TCP retransmits after a second.
- **connection**: whether the long-lived connection survived.

| fault | with | taken over after | two owners | failed | slowest | connection |
|---|---|---|---|---|---|---|
{table}

{remarks}"""

_REMARKS = """\
The planned switch is Palometa's SWITCH without a partner link, and therefore without syncing all connections
first. keepalived has no planned switch: the owner's keepalived is stopped (SIGTERM) and started again. pulse was
stopped with `on_stop = withdraw` unless stated otherwise. A killed plain keepalived was restarted by the benchmark
after six seconds, and a hung one resumed after eight; Palometa does both itself. The unknown router advertised to
the VRRP group and to both routers by unicast, with the address in each pair's own advertisements. If there is no
traffic between the two, clients and real servers still reach both. Starting pulse includes starting Python, on a
slow processor here, and waiting for the first checks, so that a router that takes over has a correct table. A
router that lost power comes back with a different hardware address here, unlike a real machine.
"""


def page(about: Mapping[str, str], trials: Sequence[Trial], notes: Sequence[str]) -> str:
    """Return the page of `trials`."""
    said = [*notes, *_after(trials)]
    return _PAGE.format(
        about="\n".join(["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in about.items())]),
        promises="\n".join(_promises(trials)),
        notes="".join([*(f"- {note}\n" for note in said), "\n"] if said else []),
        table="\n".join(_table(trials)),
        slack=SLACK_S,
        remarks=_REMARKS,
    )


def _promises(trials: Sequence[Trial]) -> Iterator[str]:
    for promise in evaluate(trials):
        verdict = {True: "met", False: "**missed**", None: "not measured"}[promise.is_kept]
        yield f"| {promise.promise} | {promise.reached if promise.is_kept is not None else '–'} | {verdict} |"


def _after(trials: Sequence[Trial]) -> Iterator[str]:
    """Yield what had to be done by hand after a fault."""
    for trial in dict.fromkeys((trial.contender, trial.fault, trial.note) for trial in trials if trial.note):
        contender, fault, note = trial
        yield f"{contender}, {fault}: {note}"


def _table(trials: Sequence[Trial]) -> Iterator[str]:
    for fault in FAULTS:
        what = fault.name
        for contender in (OurPair.name, PlainPair.name):
            same = [trial for trial in trials if (trial.fault, trial.contender) == (fault.name, contender)]
            if same:
                cells = (_took(fault, same), _two(same), _failed(same), _kept(same))
                times = f", {len(same)} ×" if len(same) > 1 else ""
                yield f"| {what} | {contender}{times} | {' | '.join(cells)} |"
            else:
                yield f"| {what} | {contender} | {'–' if fault.of else 'not measured'} | – | – | – | – |"
            what = ""


def _took(fault: Fault, trials: Sequence[Trial]) -> str:
    took = [trial.took_s for trial in trials if trial.took_s is not None]
    if fault.takes is Takes.NONE and took:
        return f"**moves**; one router owns it again after {_median(took)}"
    stayed = len(trials) - len(took)
    words = [f"{_median(took)}"] if took else []
    if stayed:
        words.append("never moves" if stayed == len(trials) else f"stays, {stayed} ×")
    wrong = sum(not trial.is_right for trial in trials)
    if wrong:
        words.append(f"**wrong router, {wrong} ×**")
    return ", ".join(words)


def _two(trials: Sequence[Trial]) -> str:
    if any(trial.two_lasted for trial in trials):
        lasted = max(trial.two_s - trial.two_after_s for trial in trials if trial.two_lasted)
        return f"while it lasts (here {lasted:.1f} s) and {max(trial.two_after_s for trial in trials):.2f} s"
    worst = max(trial.two_s for trial in trials)
    return f"{worst:.2f} s" if worst >= TELLABLE_S else "never"


def _failed(trials: Sequence[Trial]) -> str:
    failed = [at for trial in trials for at in trial.failed]
    asked = sum(trial.asked for trial in trials)
    stray = sum(trial.stray for trial in trials)
    when = f" ({min(failed):.1f} to {max(failed):.1f} s)" if len(failed) > 1 else ""
    when = f" (at {round(failed[0], 1) + 0:.1f} s)" if len(failed) == 1 else when
    other = f", **{stray} at another time**" if stray else ""
    slowest = max(trial.slowest_s for trial in trials)
    return f"{len(failed)} of {asked:,}{when}{other} | {slowest:.1f} s"


def _kept(trials: Sequence[Trial]) -> str:
    kept = [trial.kept for trial in trials if trial.kept is not None]
    if not kept:
        return "–"
    if len(trials) == 1:
        return "survived" if kept[0] else "lost"
    return f"survived {sum(kept)} of {len(kept)}"


def _median(values: Sequence[float]) -> str:
    if len(values) == 1:
        return f"{values[0]:.2f} s"
    return f"{statistics.median(values):.2f} s, max {max(values):.2f} s"
