"""Line charts as SVG: values in, path strings and places of ticks out. It knows no page, no pulse and no clock.

A chart is WIDTH by HEIGHT units, the text among them, so that it is as readable on a phone. What is not known is a
gap in the line.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

WIDTH, HEIGHT = 400, 170
LEFT, RIGHT, TOP, BOTTOM = 46, 380, 12, 138
Y_TICKS = 4
MARKS_APART = 7.0
"""Marks nearer to each other than this are one."""
MARK_TITLES = 6

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_X_STEPS = (_MINUTE, 2 * _MINUTE, 5 * _MINUTE, 15 * _MINUTE, _HOUR, 2 * _HOUR, 6 * _HOUR)
_X_TICKS = 6
_LEAST = 1e-9
_SHAPES = {"event": "l-4 9h8z", "revision": "l-4 5l4 5l4 -5z"}
_PREFIXES = ("", "k", "M", "G", "T", "P")


@dataclass(frozen=True, slots=True)
class Point:
    """The value of the step of `step_s` that ends at `at`; None: not known."""

    at: int
    step_s: int
    value: float | None


@dataclass(frozen=True, slots=True)
class ChartSeries:
    """One line: its name, the class it is drawn with, and its points, oldest first."""

    name: str
    kind: str
    points: Sequence[Point]


@dataclass(frozen=True, slots=True)
class Happening:
    """Something to mark on the axis; `kind` is event or revision."""

    at: float
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class ChartLine:
    """A line as an SVG path; `says` is its lowest, highest and last value in words."""

    name: str
    kind: str
    path: str
    says: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A round value on an axis, at `place` units from the left or the top."""

    place: float
    text: str


@dataclass(frozen=True, slots=True)
class Mark:
    """What happened at one place of the axis, and the path of what is drawn there."""

    x: float
    kind: str
    title: str
    path: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart; `grid` and `axis` are paths, `says` is the whole in words."""

    ident: str
    title: str
    lines: tuple[ChartLine, ...]
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    marks: tuple[Mark, ...]
    grid: str
    axis: str
    says: str


def chart(
    ident: str, title: str, series: Sequence[ChartSeries], since: int, until: int, marked: Iterable[Happening] = ()
) -> Chart:
    """Return the chart of `series` from `since` to `until`, which is later."""
    values = [point.value for series_line in series for point in series_line.points if point.value is not None]
    ticks = round_ticks(max(values, default=0.0))
    x = _Scale(since, until, LEFT, RIGHT)
    y = _Scale(0, ticks[-1], BOTTOM, TOP)
    lines = tuple(
        ChartLine(
            series_line.name,
            series_line.kind,
            "".join(_path(series_line.points, x, y)),
            _in_words(series_line.points),
        )
        for series_line in series
    )
    x_ticks = tuple(Tick(round(x(at), 1), text) for at, text in time_ticks(since, until))
    y_ticks = tuple(Tick(round(y(value), 1), short(value)) for value in ticks)
    return Chart(
        ident,
        title,
        lines,
        x_ticks,
        y_ticks,
        tuple(marks(marked, since, until)),
        "".join(f"M{LEFT} {tick.place}H{RIGHT}" for tick in y_ticks),
        f"M{LEFT} {BOTTOM}H{RIGHT}" + "".join(f"M{tick.place} {BOTTOM}v4" for tick in x_ticks),
        "; ".join(f"{line.name}: {line.says}" for line in lines),
    )


def spark(values: Sequence[float | None], width: float = 80, height: float = 20) -> str:
    """Return the path of a small graph without axes: equal steps, from 0 to the highest value."""
    top = max((value for value in values if value is not None), default=0.0) or 1.0
    points = [Point(number, 1, value) for number, value in enumerate(values)]
    return "".join(_path(points, _Scale(0, max(len(values) - 1, 1), 1, width - 1), _Scale(0, top, height - 1, 1)))


def round_ticks(highest: float) -> list[float]:
    """Return round values from 0 to `highest` or more, in at most Y_TICKS steps of 1, 2 or 5 by a power of ten."""
    if highest < _LEAST:
        return [0.0, 1.0]
    power = 10.0 ** math.floor(math.log10(highest / Y_TICKS))
    step = next(
        step for step in (power, 2 * power, 5 * power, 10 * power) if step * Y_TICKS >= highest * (1 - 1e-9)
    )
    return [step * number for number in range(math.ceil(highest / step * (1 - 1e-9)) + 1)]


def time_ticks(since: int, until: int) -> list[tuple[int, str]]:
    """Return round local times in between, with how they are written."""
    step_s = next((step for step in _X_STEPS if step * _X_TICKS >= until - since), _DAY)
    if step_s < _DAY:
        offset = datetime.fromtimestamp(until).astimezone().utcoffset() or timedelta()
        ahead = int(offset.total_seconds()) % step_s
        first = -(-(since + ahead) // step_s) * step_s - ahead
        return [(at, f"{datetime.fromtimestamp(at):%H:%M}") for at in range(first, until + 1, step_s)]
    days = max(1, round((until - since) / _DAY / (_X_TICKS - 1)))
    day = datetime.fromtimestamp(since).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    found = []
    while day.timestamp() <= until:
        found.append((int(day.timestamp()), f"{day.day} {day:%b}"))
        day += timedelta(days=days)
    return found


def short(value: float) -> str:
    """Return a number in three digits or so: "0.25", "12", "1.5 k", "20 M"."""
    power = 0
    while abs(value) >= 999.5 and power < len(_PREFIXES) - 1:
        value, power = value / 1000, power + 1
    text = f"{value:.3g}" if abs(value) < 99.5 else f"{value:.0f}"
    return f"{text} {_PREFIXES[power]}".strip()


def marks(happenings: Iterable[Happening], since: int, until: int) -> Iterator[Mark]:
    """Yield a mark for what happened from `since` to `until`; those of one kind too near to each other are one."""
    x = _Scale(since, until, LEFT, RIGHT)
    # `until` is a whole second, and what has just happened is within it.
    there = sorted(
        (event for event in happenings if since <= event.at < until + 1), key=lambda event: (event.kind, event.at)
    )
    gathered: list[Happening] = []
    for mark in there:
        if gathered and (mark.kind != gathered[0].kind or x(mark.at) - x(gathered[0].at) > MARKS_APART):
            yield _mark(gathered, x(gathered[0].at))
            gathered = []
        gathered.append(mark)
    if gathered:
        yield _mark(gathered, x(gathered[0].at))


def _mark(gathered: Sequence[Happening], x: float) -> Mark:
    texts = [mark.text for mark in gathered[:MARK_TITLES]]
    if len(gathered) > MARK_TITLES:
        texts.append(f"and {len(gathered) - MARK_TITLES} more")
    kind, x = gathered[0].kind, round(x, 1)
    return Mark(x, kind, "\n".join(texts), f"M{x} {BOTTOM}{_SHAPES[kind]}")


class _Scale:
    """Maps one range of numbers to another."""

    def __init__(self, low: float, high: float, first: float, last: float) -> None:
        self._low, self._first = low, first
        self._factor = (last - first) / (high - low)

    def __call__(self, value: float) -> float:
        return self._first + (value - self._low) * self._factor


def _path(points: Sequence[Point], x: _Scale, y: _Scale) -> Iterator[str]:
    """Yield the strokes of a line; a step that does not follow the one before begins a new one."""
    last: Point | None = None
    for point in points:
        if point.value is None:
            last = None
            continue
        place = f"{x(point.at):.1f} {y(point.value):.1f}"
        follows = last is not None and point.at - point.step_s <= last.at + point.step_s // 2
        yield f"L{place}" if follows else f"M{place}h0"
        last = point


def _in_words(points: Sequence[Point]) -> str:
    values = [point.value for point in points if point.value is not None]
    if not values:
        return "nothing is known"
    last = points[-1].value
    now = short(last) if last is not None else "not known"
    return f"lowest {short(min(values))}, highest {short(max(values))}, last {now}"
