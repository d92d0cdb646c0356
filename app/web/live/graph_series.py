"""Turns the points of a history into the lines, shares and rows of GRAPHS. Pure, without IO."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

from app.lvs.reports.history import PointReport
from app.web.frame.svg_chart import Chart, ChartSeries, Happening, Point, chart

POINTS_MAX = 400
"""One for each horizontal unit of a chart."""
ROWS_MAX = 32

COLUMNS = (
    ("connections", "New/s"),
    ("active", "ActiveConn"),
    ("inactive", "InActConn"),
    ("packets_in", "InPPS"),
    ("packets_out", "OutPPS"),
    ("bytes_in", "InBPS"),
    ("bytes_out", "OutBPS"),
)
"""Columns of the table, with ipvsadm's names where it has any."""
CHARTS: tuple[tuple[str, str, tuple[tuple[str, str, str], ...]], ...] = (
    ("new", "New connections per second", (("connections", "new", "first"),)),
    ("held", "Connections", (("active", "active", "first"), ("inactive", "inactive", "second"))),
    ("packets", "Packets per second", (("packets_in", "in", "first"), ("packets_out", "out", "second"))),
    ("bytes", "Bytes per second", (("bytes_in", "in", "first"), ("bytes_out", "out", "second"))),
)


@dataclass(frozen=True, slots=True)
class Row:
    """The values of the step that ends at `at`, in the order of COLUMNS; None: not known."""

    at: int
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Share:
    """A server's share of the weight and traffic of its service, 0 to 1; None: not known."""

    name: str
    place: str
    weight: int
    of_weight: float | None
    of_connections: float | None
    of_bytes: float | None


def charts(points: Sequence[PointReport], since: int, until: int, marked: Sequence[Happening]) -> list[Chart]:
    """Return the charts of one series."""
    width_s = _width(points, since, until, POINTS_MAX)
    return [
        chart(
            ident,
            title,
            [
                ChartSeries(name, kind, merged(_of(points, value), width_s, since, until))
                for value, name, kind in lines
            ],
            since,
            until,
            marked,
        )
        for ident, title, lines in CHARTS
    ]


def rows(points: Sequence[PointReport], since: int, until: int) -> list[Row]:
    """Return the same as a table of at most ROWS_MAX rows, newest first."""
    width_s = _width(points, since, until, ROWS_MAX)
    columns = [merged(_of(points, value), width_s, since, until) for value, _ in COLUMNS]
    found = [Row(column[0].at, tuple(point.value for point in column)) for column in zip(*columns, strict=True)]
    return found[::-1]


def merged(points: Sequence[Point], width_s: int, since: int, until: int) -> list[Point]:
    """Return the means of `points` over steps of `width_s`; unknown if less than half of a step is known.

    With `width_s` 0 the points are returned unchanged.
    """
    if not width_s:
        return list(points)
    gathered: dict[int, list[Point]] = {}
    for point in points:
        gathered.setdefault(-(-point.at // width_s) * width_s, []).append(point)
    return list(_means(gathered, width_s, since, until))


def shares(servers: Sequence[tuple[str, str, int]], amounts: dict[str, dict[str, float | None]]) -> list[Share]:
    """Return the share of each of `servers` (name, place, weight) in the weights and in `amounts`, by place."""
    of_weight = _parts([weight for _, _, weight in servers])
    of_what = [
        _parts([amounts.get(place, {}).get(what) for _, place, _ in servers]) for what in ("connections", "bytes")
    ]
    return [
        Share(*server, *parts)
        for server, parts in zip(servers, zip(of_weight, *of_what, strict=True), strict=True)
    ]


def _parts(amounts: Sequence[float | None]) -> list[float | None]:
    total = math.fsum(amount for amount in amounts if amount is not None)
    return [amount / total if total and amount is not None else None for amount in amounts]


def _of(points: Sequence[PointReport], value: str) -> list[Point]:
    return [Point(point["at"], point["step_s"], cast(dict[str, Any], point)[value]) for point in points]


def _width(points: Sequence[PointReport], since: int, until: int, most: int) -> int:
    """Return the step length to display, a multiple of the longest there is; 0: there are few enough points."""
    if len(points) <= most:
        return 0
    longest = max((point["step_s"] for point in points), default=1)
    return longest * max(1, -(-(until - since) // (longest * most)))


def _means(gathered: dict[int, list[Point]], width_s: int, since: int, until: int) -> Iterator[Point]:
    for end, there in sorted(gathered.items()):
        over_s = min(end, until) - max(end - width_s, since)
        known = [point for point in there if point.value is not None]
        known_s = sum(point.step_s for point in known)
        if not known or known_s * 2 < over_s:
            yield Point(min(end, until), width_s, None)
        else:
            total = math.fsum((point.value or 0.0) * point.step_s for point in known)
            yield Point(min(end, until), width_s, total / known_s)
