"""The figures of a benchmark: milliseconds (or another unit) by case, size and contender; stored as JSON."""

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
        """The minimum and the maximum."""
        if len(self.values) == 1:
            return "one run"
        return f"{shown(min(self.values))} to {shown(max(self.values))}"

    @property
    def is_ours(self) -> bool:
        return self.contender.startswith(OURS)


def shown(value: float) -> str:
    """Return `value` with three significant digits, or as an integer if it is large."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


@dataclass(slots=True)
class Figures:
    """All figures of one run in order, with the machine they are from and notes on what could not be measured."""

    about: dict[str, str] = field(default_factory=dict)
    found: list[Figure] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, case: str, size: int, contender: str, values: Iterable[float], unit: str = "ms") -> None:
        """Add and print a figure; do nothing without values."""
        figure = Figure(case, size, contender, tuple(values), unit)
        if figure.values:
            self.found.append(figure)
            print(f"  {case}, {size}: {contender} {shown(figure.median)} {unit} ({figure.spread})", flush=True)

    def take(self, others: "Figures") -> None:
        """Add all figures of `others`."""
        self.about.update(others.about)
        self.found.extend(others.found)
        self.notes.extend(others.notes)

    def find(self, case: str, size: int, contender: str) -> Figure | None:
        """Return a figure, or None."""
        asked = (case, size, contender)
        return next(
            (figure for figure in self.found if (figure.case, figure.size, figure.contender) == asked), None
        )

    def of_case(self, case: str, contender: str) -> list[Figure]:
        """Return the figures of `contender` at `case`, by size."""
        found = (figure for figure in self.found if (figure.case, figure.contender) == (case, contender))
        return sorted(found, key=lambda figure: figure.size)

    def counterpart(self, figure: Figure) -> Figure | None:
        """Return our figure for the same case and size as that of another contender."""
        if figure.is_ours:
            return None
        ours = (
            other
            for other in self.found
            if other.is_ours and (other.case, other.size) == (figure.case, figure.size)
        )
        return next(ours, None)

    def exponents(self) -> Iterator[tuple[str, str, float]]:
        """Yield case, contender and the exponent of growth with the size: 1 is linear, 0 is constant."""
        for case, contender in dict.fromkeys((figure.case, figure.contender) for figure in self.found):
            same = [figure for figure in self.of_case(case, contender) if figure.median > 0]
            if len(same) > 1 and same[0].size < same[-1].size:
                steps = math.log(same[-1].size / same[0].size)
                yield case, contender, math.log(same[-1].median / same[0].median) / steps

    def write(self, path: Path) -> None:
        """Write all figures as JSON."""
        path.write_text(json.dumps(asdict(self), indent=1) + "\n")

    @classmethod
    def read(cls, path: Path) -> "Figures":
        """Return what `write` wrote."""
        document = json.loads(path.read_text())
        found = [Figure(**{**item, "values": tuple(item["values"])}) for item in document["found"]]
        return cls(document["about"], found, document["notes"])
