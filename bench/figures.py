"""What a benchmark found: seconds (or another unit) by case, size and contender; printed, and kept as JSON."""

import json
import math
import statistics
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

OURS = "palometa"


@dataclass(frozen=True, slots=True)
class Figure:
    """The values of all runs of one `contender` at one `case` and `size` (virtual servers), in `unit`."""

    case: str
    size: int
    contender: str
    values: tuple[float, ...]
    unit: str = "ms"

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def spread(self) -> str:
        """The least and the greatest value."""
        return f"{min(self.values):.4g} to {max(self.values):.4g}"


@dataclass(frozen=True, slots=True)
class Goal:
    """What is to be reached: a figure of at most `factor` times another one, or of `factor` where it is alone."""

    case: str
    size: int
    contender: str
    factor: float
    than_case: str = ""
    than: str = ""


@dataclass(slots=True)
class Figures:
    """All figures of one run, in the order they were found."""

    found: list[Figure] = field(default_factory=list)

    def add(self, case: str, size: int, contender: str, values: Iterable[float], unit: str = "ms") -> None:
        """Keep a figure, and say it."""
        figure = Figure(case, size, contender, tuple(values), unit)
        self.found.append(figure)
        print(f"  {case}, {size}: {contender} {figure.median:.4g} {unit} ({figure.spread})", flush=True)

    def median(self, case: str, size: int, contender: str) -> float | None:
        """Return a figure's median; None when there is no such figure."""
        for figure in self.found:
            if (figure.case, figure.size, figure.contender) == (case, size, contender):
                return figure.median
        return None

    def write(self, path: Path) -> None:
        """Write all as JSON."""
        path.write_text(json.dumps([asdict(figure) for figure in self.found], indent=1) + "\n")

    @classmethod
    def read(cls, path: Path) -> "Figures":
        """Return what `write` wrote."""
        return cls([Figure(**{**item, "values": tuple(item["values"])}) for item in json.loads(path.read_text())])

    def table(self) -> Iterator[str]:
        """Yield the lines of a Markdown table: each figure, and its ratio to ours where there is one."""
        yield "| case | size | | median | least to greatest | beside Palometa |"
        yield "|---|---:|---|---:|---:|---:|"
        for figure in self.found:
            ours = self._ours_beside(figure)
            ratio = f"{figure.median / ours:.2f} ×" if ours and not figure.contender.startswith(OURS) else ""
            yield (
                f"| {figure.case} | {figure.size} | {figure.contender} | {figure.median:.4g} {figure.unit} "
                f"| {figure.spread} | {ratio} |"
            )

    def growth(self) -> Iterator[str]:
        """Yield how each of our figures grows with the size: 1.00 is linear, 0 not at all."""
        yield "| case | | exponent |"
        yield "|---|---|---:|"
        for case, contender in dict.fromkeys((one.case, one.contender) for one in self.found):
            same = sorted(
                (one for one in self.found if (one.case, one.contender) == (case, contender)),
                key=lambda one: one.size,
            )
            if len(same) > 1 and same[0].median > 0 and same[-1].median > 0:
                steps = math.log(same[-1].size / same[0].size)
                yield f"| {case} | {contender} | {math.log(same[-1].median / same[0].median) / steps:.2f} |"

    def goals(self, goals: Iterable[Goal]) -> Iterator[str]:
        """Yield each of `goals` with what was reached."""
        yield "| goal | reached | |"
        yield "|---|---:|---|"
        for goal in goals:
            value = self.median(goal.case, goal.size, goal.contender)
            other = self.median(goal.than_case or goal.case, goal.size, goal.than) if goal.than else 1.0
            beside = f"that of {goal.than}{f' ({goal.than_case})' if goal.than_case else ''}" if goal.than else ""
            words = f"{goal.case} at {goal.size}, {goal.contender}: at most {goal.factor:.4g} {beside}".rstrip()
            if value is None or other is None:
                yield f"| {words} | not measured | |"
                continue
            reached = value / other if goal.than else value
            yield f"| {words} | {reached:.4g} | {'met' if reached <= goal.factor else '**missed**'} |"

    def _ours_beside(self, figure: Figure) -> float | None:
        for one in self.found:
            is_beside = (one.case, one.size) == (figure.case, figure.size)
            if is_beside and one.contender.startswith(OURS):
                return one.median
        return None
