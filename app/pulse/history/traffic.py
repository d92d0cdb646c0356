"""The history of the traffic: samples it every ten seconds, folds samples into longer steps, and answers requests.

It uses what the table's keeper has read anyway.
"""

import asyncio
import math
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from app.lvs.ipvs.counters import Readings
from app.lvs.ipvs.rate_history import DIRECTOR, LEVELS, VALUES, WIDTH, Level, row_of, series_id, series_name
from app.lvs.ipvs.service_names import read_endpoint, read_service
from app.lvs.ipvs.table import DestinationKey
from app.lvs.reports.history import AmountReport, HistoryReport, PointReport, RecentReport, SharesReport
from app.pulse.history.disk import Disk
from app.pulse.history.rollup import fold
from app.pulse.history.sample_files import Row, Sample, SampleFiles, points
from app.pulse.history.sampler import Sampler
from app.pulse.history.ticks import ticks
from app.pulse.process.control import VerbRefused, read_arguments
from app.pulse.table.keeper import AUDITED_AT_ONCE

RECENT = 60
"""Samples of the services kept in memory, for the small graphs of a whole table."""
SERIES_MAX = 1000
"""How many services one request for small graphs may name."""
SHARES_MAX = 200
SPAN_MAX_S = LEVELS[-1].kept_s
FINE_SERVERS_MAX = 1000
"""More servers than this are sampled every minute instead of every ten seconds."""


@dataclass(frozen=True, slots=True)
class HistoryArguments:
    """The arguments of the verb "history"; which of them go together, `TrafficHistory.answer` says."""

    service: str | None = None
    server: str | None = None
    span_s: int = 600
    shares: list[str] | None = None
    recent: list[str] | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.span_s <= SPAN_MAX_S:
            raise ValueError(f"'span_s' must be from 1 to {SPAN_MAX_S} seconds, not {self.span_s}")
        for name, named, most in (("shares", self.shares, SHARES_MAX), ("recent", self.recent, SERIES_MAX)):
            if named is not None and len(named) > most:
                raise ValueError(f"'{name}' may name at most {most:,}, not {len(named):,}")


class TrafficHistory:
    """Keeps on `disk` the history of what `readings` returns; None: there is no table to read."""

    def __init__(self, readings: Callable[[], Readings | None], disk: Disk) -> None:
        self._readings = readings
        self._disk = disk
        self._services = SampleFiles(disk.path / "services")
        self._servers = SampleFiles(disk.path / "servers")
        self._sampler = Sampler()
        self._recent: deque[Sample] = deque(maxlen=RECENT)
        self._servers_at = 0
        self.is_loaded = False

    async def run(self) -> None:
        """Sample until cancelled."""
        await self._disk.keep(self._load, int(time.time()))
        self.is_loaded = True
        async for at in ticks(LEVELS[0].step_s):
            await self.sample(at)

    async def sample(self, at: int) -> None:
        """Keep the current readings as the sample at `at`."""
        readings = self._readings()
        if readings is None:
            return
        now = time.monotonic()
        services = self._sampler.services(readings, at, now, LEVELS[0].step_s)
        self._recent.append(services)
        await self._disk.keep(self._keep, self._services, LEVELS[0], services)
        level = servers_level(readings)
        if at // level.step_s == self._servers_at // level.step_s:
            return
        self._servers_at = at
        for servers in self._sampler.servers(readings, at // level.step_s * level.step_s, now, level.step_s):
            if servers is not None:
                await self._disk.keep(self._keep, self._servers, level, servers)
            await asyncio.sleep(0)

    async def answer(self, request: Mapping[str, Any]) -> HistoryReport | RecentReport | SharesReport:
        """Answer the verb "history".

        `recent` is a list of services, for their last ten minutes. Otherwise `service` and `server` name one
        series (without a service: the director), and `span_s` is how far back it goes. `shares` is a list of
        servers of that service, for the traffic of each.
        """
        asked = read_arguments(request, HistoryArguments)
        if asked.recent is not None:
            return self._recent_report(asked.recent)
        name, span_s = _series(asked), asked.span_s
        until = int(time.time())
        if asked.shares is not None:
            return await self._shares_report(asked.service, asked.shares, span_s, until)
        files = self._servers if asked.server else self._services
        found = await self._disk.find(points, files, series_id(name), span_s, until)
        return {
            "since": until - span_s,
            "until": until,
            "points": [_point(at, step_s, row) for at, (step_s, row) in sorted(found.items())],
        }

    async def _shares_report(
        self, service: str | None, wanted: list[str], span_s: int, until: int
    ) -> SharesReport:
        if not service:
            raise VerbRefused("the shares of servers are those of one service: name the service, too")
        idents = {text: series_id(_service_name(service, text)) for text in wanted}
        found: dict[str, AmountReport] = {}
        for text, ident in idents.items():
            there = await self._disk.find(points, self._servers, ident, span_s, until)
            found[text] = _amount(there.values())
        return {"since": until - span_s, "until": until, "shares": found}

    def _recent_report(self, wanted: list[str]) -> RecentReport:
        idents = [(text, series_id(_service_name(text))) for text in wanted]
        step_s = LEVELS[0].step_s
        until = int(time.time()) // step_s * step_s
        found: dict[str, list[float | None]] = {text: [None] * RECENT for text, _ in idents}
        ids, rows = b"", list[tuple[str, int]]()
        for sample in self._recent:
            if sample.ids != ids:
                ids = sample.ids
                rows = [(text, row) for text, ident in idents if (row := row_of(ids, ident)) is not None]
            place = RECENT - 1 - (until - sample.at) // step_s
            if 0 <= place < RECENT:
                for text, row in rows:
                    found[text][place] = _number(sample.values[row * WIDTH])
        return {"until": until, "step_s": step_s, "series": found}

    def _load(self, now: int) -> None:
        self._recent.extend(self._services.whole(LEVELS[0], now - RECENT * LEVELS[0].step_s, now))

    def _keep(self, files: SampleFiles, level: Level, sample: Sample) -> None:
        files.add(level, sample)
        fold(files, level, sample.at)


def servers_level(readings: Readings) -> Level:
    """Return the finest level for which the servers are read often enough, and are few enough."""
    turn_s = -(-len(readings.counters) // AUDITED_AT_ONCE)
    is_fine = sum(len(counter.destinations) for counter in readings.counters.values()) <= FINE_SERVERS_MAX
    return next(level for level in LEVELS if level.step_s >= 2 * turn_s and (is_fine or level is not LEVELS[0]))


def _series(asked: HistoryArguments) -> str:
    if not asked.service and asked.server:
        raise VerbRefused("the history of a server is kept for each of its services: name the service, too")
    return _service_name(asked.service, asked.server or "") if asked.service else DIRECTOR


def _service_name(text: str, server: str = "") -> str:
    try:
        key = read_service(text)
        endpoint = read_endpoint(server) if server else None
    except ValueError as error:
        raise VerbRefused(str(error)) from error
    return series_name(key, DestinationKey(endpoint.address, endpoint.port or 0) if endpoint else None)


def _amount(there: Iterable[tuple[int, Row]]) -> AmountReport:
    known = [(step_s, row) for step_s, row in there if row[0] == row[0]]
    return {
        "connections": round(sum(step_s * row[0] for step_s, row in known), 3) if known else None,
        "bytes": round(sum(step_s * (row[3] + row[4]) for step_s, row in known), 3) if known else None,
    }


def _point(at: int, step_s: int, row: Row) -> PointReport:
    values = zip(VALUES, map(_number, row), strict=True)
    return cast(PointReport, {"at": at, "step_s": step_s, **dict(values)})


def _number(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 3)
