"""The promises for a pair with the shortest interval, and whether a run kept them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench.pair.faults import FAULTS, KILLED, SWITCH
from bench.pair.ours import OurPair
from bench.pair.trial import Trial

KILL_S = 1.0
SWITCH_S = 0.3
TWO_S = 5.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """A promise, the result in words, and whether it was kept; None: not measured."""

    promise: str
    reached: str
    is_kept: bool | None


def evaluate(trials: Sequence[Trial]) -> Iterator[Verdict]:
    """Yield each promise with its result in `trials`; the worst value counts."""
    ours = [trial for trial in trials if trial.contender == OurPair.name]
    kills = [trial for trial in ours if trial.fault in KILLED]
    switches = [trial for trial in ours if trial.fault == SWITCH]
    yield _within(f"killed: a surviving router owns the address within {KILL_S:g} s", kills, KILL_S)
    yield _within(f"planned switch takes at most {SWITCH_S:g} s", switches, SWITCH_S)
    yield _two_owners(ours)
    held = [trial.kept for trial in switches if trial.kept is not None]
    yield Verdict(
        "an established connection survives a planned switch",
        f"{sum(held)} of {len(switches)}",
        sum(held) == len(switches) if switches else None,
    )
    yield Verdict(
        "requests fail only during a take-over",
        f"{sum(trial.stray for trial in ours)} of {sum(trial.asked for trial in ours):,} failed at another time",
        not any(trial.stray for trial in ours) if ours else None,
    )
    wrong = sorted({trial.fault for trial in ours if not trial.is_right})
    yield Verdict(
        "the correct router owns the address in the end",
        f"not after: {'; '.join(wrong)}" if wrong else f"{len(ours)} of {len(ours)}",
        not wrong if ours else None,
    )


def _within(promise: str, trials: Sequence[Trial], limit_s: float) -> Verdict:
    # If the address never moved after a kill, the process was restarted before the partner noticed.
    worst_s = max((trial.took_s or 0.0 for trial in trials), default=0.0)
    is_kept = worst_s <= limit_s and all(trial.is_right for trial in trials) if trials else None
    return Verdict(promise, f"at most {worst_s:.2f} s in {len(trials)} runs", is_kept)


def _two_owners(ours: Sequence[Trial]) -> Verdict:
    unknowable = {fault.name for fault in FAULTS if fault.is_unknowable}
    worst_s = max((trial.two_after_s if trial.fault in unknowable else trial.two_s for trial in ours), default=0.0)
    return Verdict(
        f"never two owners for longer than {TWO_S:g} s (if there was no traffic at all: after that has ended)",
        f"at most {worst_s:.2f} s",
        worst_s <= TWO_S if ours else None,
    )
