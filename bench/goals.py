"""The performance goals, as ratios within one run wherever possible."""

from collections.abc import Iterator
from dataclasses import dataclass

from bench.figures import OURS, Figures, shown


@dataclass(frozen=True, slots=True)
class Goal:
    """A limit for one figure: at most `most` or at least `least`, multiplied by the figure of `than` if named.

    `than_case` is the case of `than` if it is another one. The figure is that of the largest measured size, or
    with `is_small` of the smallest.
    """

    case: str
    contender: str
    most: float | None = None
    least: float | None = None
    than: str = ""
    than_case: str = ""
    is_small: bool = False

    def reached(self, figures: Figures) -> float | None:
        """Return the value in `figures` that the goal is about; None if it was not measured."""
        own = figures.of_case(self.case, self.contender)
        if not own:
            return None
        figure = own[0 if self.is_small else -1]
        if not self.than:
            return figure.median
        other = figures.find(self.than_case or self.case, figure.size, self.than)
        return figure.median / other.median if other is not None and other.median else None

    def is_met(self, reached: float) -> bool:
        """Return whether `reached` meets the goal."""
        return (self.most is None or reached <= self.most) and (self.least is None or reached >= self.least)

    @property
    def words(self) -> str:
        """The goal in words."""
        limit = f"at most {self.most:.4g}" if self.most is not None else f"at least {self.least:,.0f}"
        where = ", at the smallest size" if self.is_small else ""
        relative = (
            f" times that of {self.than}{f' ({self.than_case})' if self.than_case else ''}" if self.than else ""
        )
        return f"{self.case}, {self.contender}{where}: {limit}{relative}"


READING = "read the table with counters"
CAPACITY = "connect checks per second of processor time, on the host"

GOALS = (
    Goal("cold apply", f"{OURS} apply", most=1 / 3, than="keepalived"),
    Goal("cold apply", f"{OURS} apply", most=1 / 8, than="ipvsadm -R"),
    Goal("cold apply", f"{OURS} pulse", most=1 / 3, than="keepalived"),
    Goal("one weight", f"{OURS}, file to kernel", most=1 / 2, than="keepalived SIGHUP"),
    Goal("one weight", f"{OURS}, ACCEPT to kernel", most=1.0, than="keepalived SIGHUP"),
    Goal("adopt a correct table: changes", f"{OURS} pulse", most=0.0),
    Goal("adopt a correct table", f"{OURS} pulse", most=1.0, than=f"{OURS} pulse", than_case=READING),
    Goal(READING, f"{OURS} pulse", most=1.0, than="ipvsadm -Ln --stats"),
    Goal(CAPACITY, OURS, least=10_000),
    Goal("connect check: processor time of one", OURS, most=2.0, than="keepalived"),
    Goal("memory", f"{OURS} pulse", most=150.0),
    Goal("memory", f"{OURS} pulse", most=60.0, is_small=True),
    Goal("requests lost during 200 changes", OURS, most=0.0),
)


def evaluate(figures: Figures) -> Iterator[tuple[Goal, float | None]]:
    """Yield each goal and the value reached; None if it was not measured."""
    for goal in GOALS:
        yield goal, goal.reached(figures)


def lines(figures: Figures) -> Iterator[str]:
    """Yield the lines of a Markdown table of the goals."""
    yield "| goal | reached | |"
    yield "|---|---:|---|"
    for goal, reached in evaluate(figures):
        if reached is None:
            yield f"| {goal.words} | – | not measured |"
        else:
            yield f"| {goal.words} | {shown(reached)} | {'met' if goal.is_met(reached) else '**missed**'} |"
