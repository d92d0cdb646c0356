"""Makes samples from what pulse has read anyway: rates from two readings of the counters. Reads nothing.

It keeps the last reading of each series. A series keeps its row as long as it exists; the rows of series that
are gone are unknown, and dropped when they outnumber the others.
"""

from array import array
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from functools import partial

from app.lvs.ipvs.counters import Counters, Readings, ServiceCounters
from app.lvs.ipvs.rate_history import (
    DIRECTOR,
    LATE,
    NOTHING_KNOWN,
    UNKNOWN,
    WIDTH,
    Values,
    rates,
    series_id,
    series_name,
)
from app.pulse.history.sample_files import Sample

SLICE = 200
"""After so many services the loop gets its turn."""
_NO_RATES = (UNKNOWN,) * (WIDTH - 2)
_DIRECTOR = series_id(DIRECTOR)


@dataclass(slots=True)
class _SeriesRate:
    """The row of a series, and its last reading with its monotonic time."""

    row: int
    ident: bytes
    counters: Counters
    read_at: float
    seen_at: int


class _SampleRows:
    """The rows of the services or of the servers."""

    def __init__(self) -> None:
        self._series: dict[Hashable, _SeriesRate] = {}
        self._gone = 0
        self.ids = _DIRECTOR

    def drop_unseen(self, at: int) -> None:
        """Forget the series that are not in the sample at `at`."""
        for key in [key for key, series in self._series.items() if series.seen_at != at]:
            del self._series[key]
            self._gone += 1
        if self._gone > len(self._series):
            self._gone = 0
            self.ids = _DIRECTOR
            for row, series in enumerate(self._series.values(), 1):
                series.row = row
                self.ids += series.ident

    def take(
        self, at: int, key: Hashable, name: Callable[[], str], counters: Counters, read_at: float, late_s: float
    ) -> tuple[int, tuple[float, ...]]:
        """Return the row of `key` and its rates since its last sample."""
        series = self._series.get(key)
        if series is None:
            series = _SeriesRate(len(self.ids) // len(_DIRECTOR), series_id(name()), counters, read_at, at)
            self._series[key] = series
            self.ids += series.ident
            return series.row, _NO_RATES
        elapsed_s = read_at - series.read_at
        found = rates(series.counters, counters, elapsed_s) if elapsed_s <= late_s else None
        series.counters, series.read_at, series.seen_at = counters, read_at, at
        return series.row, found or _NO_RATES


class Sampler:
    """Makes the samples of one pulse."""

    def __init__(self) -> None:
        self._services = _SampleRows()
        self._servers = _SampleRows()

    def services(self, readings: Readings, at: int, now: float, step_s: int) -> Sample:
        """Return the rows of the director and of each service; `now` is monotonic."""
        late_s = LATE * step_s
        totals, read_at = readings.totals, readings.totals_at
        rows: list[tuple[int, tuple[float, ...]]] = []
        for key, counters in totals.items():
            row, found = self._services.take(at, key, partial(series_name, key), counters, read_at, late_s)
            counted = readings.counters.get(key)
            if counted is None or now - readings.taken_at[key] > late_s:
                rows.append((row, (*found, UNKNOWN, UNKNOWN)))
            else:
                rows.append((row, (*found, *_connections(counted))))
        values = _values(self._services.ids, rows)
        ids = self._services.ids
        self._services.drop_unseen(at)
        if now - read_at <= late_s:
            values[:WIDTH] = array("f", _sum(row for _, row in rows))
        return Sample(at, ids, values)

    def servers(self, readings: Readings, at: int, now: float, step_s: int) -> Iterator[Sample | None]:
        """Yield None after each slice of the work, then the rows of the servers."""
        late_s = LATE * step_s
        rows: list[tuple[int, tuple[float, ...]]] = []
        for number, (key, service) in enumerate(readings.counters.items(), 1):
            read_at = readings.taken_at.get(key, 0.0)
            for destination, server in service.destinations.items():
                row, found = self._servers.take(
                    at, (key, destination), partial(series_name, key, destination), server.totals, read_at, late_s
                )
                is_known = now - read_at <= late_s
                rows.append((row, (*found, *((server.active, server.inactive) if is_known else _NO_RATES[:2]))))
            if number % SLICE == 0:
                yield None
        ids = self._servers.ids
        self._servers.drop_unseen(at)
        yield Sample(at, ids, _values(ids, rows))


def _values(ids: bytes, rows: list[tuple[int, tuple[float, ...]]]) -> Values:
    values = array("f", NOTHING_KNOWN * (len(ids) // len(_DIRECTOR)))
    for row, found in rows:
        values[row * WIDTH : (row + 1) * WIDTH] = array("f", found)
    return values


def _connections(counted: ServiceCounters) -> tuple[float, float]:
    servers = counted.destinations.values()
    return float(sum(server.active for server in servers)), float(sum(server.inactive for server in servers))


def _sum(rows: Iterator[tuple[float, ...]]) -> list[float]:
    """Return the sums of the known values; unknown if there are none, 0 if there is no service."""
    columns = list(zip(*rows, strict=True))
    known = [[value for value in column if value == value] for column in columns]
    return [sum(column) if column else UNKNOWN for column in known] if columns else [0.0] * WIDTH
