"""What is to be reached, as ratios within one run wherever that is possible."""

from collections.abc import Iterator
from dataclasses import dataclass

from bench.figures import OURS, Figures, shown


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure of at most `most`, or of at least `least`; times that of `than` (of `than_case`) if one is named.

    It is the one of the largest size that was measured, or, `is_small`, of the smallest.
    """

    case: str
    contender: str
    most: float | None = None
    least: float | None = None
    than: str = ""
    than_case: str = ""
    is_small: bool = False

    def reached(self, figures: Figures) -> float | None:
        """Return what `figures` say of it; None when they do not."""
        own = figures.of_case(self.case, self.contender)
        if not own:
            return None
        figure = own[0 if self.is_small else -1]
        if not self.than:
            return figure.median
        other = figures.find(self.than_case or self.case, figure.size, self.than)
        return figure.median / other.median if other is not None and other.median else None

    def is_met(self, reached: float) -> bool:
        """Return whether `reached` is enough."""
        return (self.most is None or reached <= self.most) and (self.least is None or reached >= self.least)

    @property
    def words(self) -> str:
        """The goal in words."""
        limit = f"at most {self.most:.4g}" if self.most is not None else f"at least {self.least:,.0f}"
        where = ", when small" if self.is_small else ""
        beside = f" times {self.than}'s{f' ({self.than_case})' if self.than_case else ''}" if self.than else ""
        return f"{self.case}, {self.contender}{where}: {limit}{beside}"


READING = "read the table with counters"
CAPACITY = "connect checks per second of processor time, on this machine itself"

GOALS = (
    Goal("cold apply", f"{OURS} apply", most=1 / 3, than="keepalived"),
    Goal("cold apply", f"{OURS} apply", most=1 / 8, than="ipvsadm -R"),
    Goal("cold apply", f"{OURS} pulse", most=1 / 3, than="keepalived"),
    Goal("one weight", f"{OURS}, file to kernel", most=1 / 2, than="keepalived SIGHUP"),
    Goal("one weight", f"{OURS}, ACCEPT to kernel", most=1.0, than="keepalived SIGHUP"),
    Goal("adopt a right table: changes", f"{OURS} pulse", most=0.0),
    Goal("adopt a right table", f"{OURS} pulse", most=1.0, than=f"{OURS} pulse", than_case=READING),
    Goal(READING, f"{OURS} pulse", most=1.0, than="ipvsadm -Ln --stats"),
    Goal(CAPACITY, OURS, least=10_000),
    Goal("connect check: processor time of one", OURS, most=2.0, than="keepalived"),
    Goal("memory", f"{OURS} pulse", most=150.0),
    Goal("memory", f"{OURS} pulse", most=60.0, is_small=True),
    Goal("requests lost in 200 changes", OURS, most=0.0),
)


def judged(figures: Figures) -> Iterator[tuple[Goal, float | None]]:
    """Yield each goal and what was reached; None where it was not measured."""
    for goal in GOALS:
        yield goal, goal.reached(figures)


def lines(figures: Figures) -> Iterator[str]:
    """Yield the lines of a Markdown table of the goals."""
    yield "| goal | reached | |"
    yield "|---|---:|---|"
    for goal, reached in judged(figures):
        if reached is None:
            yield f"| {goal.words} | – | not measured |"
        else:
            yield f"| {goal.words} | {shown(reached)} | {'met' if goal.is_met(reached) else '**missed**'} |"
