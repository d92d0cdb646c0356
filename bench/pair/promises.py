"""What is promised of a pair with the shortest interval, and whether one run kept it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench.pair.faults import FAULTS, KILLED, SWITCH
from bench.pair.ours import OurPair
from bench.pair.trial import Trial

KILL_S = 1.0
SWITCH_S = 0.3
TWO_S = 5.0


@dataclass(frozen=True, slots=True)
class Judgement:
    """A promise, what was reached in words, and whether it was kept; None: it was not measured."""

    promise: str
    reached: str
    is_kept: bool | None


def judged(trials: Sequence[Trial]) -> Iterator[Judgement]:
    """Yield each promise with what `trials` say of it; the worst counts."""
    ours = [trial for trial in trials if trial.contender == OurPair.name]
    kills = [trial for trial in ours if trial.fault in KILLED]
    switches = [trial for trial in ours if trial.fault == SWITCH]
    yield _within(f"killed: the address is at a router that lives within {KILL_S:g} s", kills, KILL_S)
    yield _within(f"planned switch within {SWITCH_S:g} s", switches, SWITCH_S)
    yield _two_owners(ours)
    held = [trial.kept for trial in switches if trial.kept is not None]
    yield Judgement(
        "an established connection survives a planned switch",
        f"{sum(held)} of {len(switches)}",
        sum(held) == len(switches) if switches else None,
    )
    yield Judgement(
        "other requests fail only during take-over",
        f"{sum(trial.stray for trial in ours)} of {sum(trial.asked for trial in ours):,} failed at another time",
        not any(trial.stray for trial in ours) if ours else None,
    )
    wrong = sorted({trial.fault for trial in ours if not trial.is_right})
    yield Judgement(
        "the right router has the address in the end",
        f"not after: {'; '.join(wrong)}" if wrong else f"{len(ours)} of {len(ours)}",
        not wrong if ours else None,
    )


def _within(promise: str, trials: Sequence[Trial], limit_s: float) -> Judgement:
    # One that never moved in spite of a kill was started again before anybody missed it.
    worst_s = max((trial.took_s or 0.0 for trial in trials), default=0.0)
    is_kept = worst_s <= limit_s and all(trial.is_right for trial in trials) if trials else None
    return Judgement(promise, f"{worst_s:.2f} s at worst, {len(trials)} times", is_kept)


def _two_owners(ours: Sequence[Trial]) -> Judgement:
    unknowable = {fault.name for fault in FAULTS if fault.is_unknowable}
    worst_s = max((trial.two_after_s if trial.fault in unknowable else trial.two_s for trial in ours), default=0.0)
    return Judgement(
        f"never two owners for longer than {TWO_S:g} s (after it has healed, where nothing at all passed)",
        f"{worst_s:.2f} s at worst",
        worst_s <= TWO_S if ours else None,
    )
