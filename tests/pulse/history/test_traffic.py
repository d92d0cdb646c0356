"""The history pulse keeps: rates of what is read, gaps as gaps, longer steps, within bounds, over restarts."""

import asyncio
import logging
import os
import shutil
import time
from array import array
from ipaddress import ip_address
from pathlib import Path
from typing import Any, cast

import pytest

from app.lvs.ipvs.counters import Counters, DestinationCounters, Readings, ServiceCounters
from app.lvs.ipvs.rate_history import DIRECTOR, LEVELS, WIDTH, series_id, series_name
from app.lvs.ipvs.table import DestinationKey, Family, ServiceKey, Transport
from app.lvs.reports.history import HistoryReport, PointReport, RecentReport
from app.pulse.history.disk import Disk
from app.pulse.history.rollup import fold
from app.pulse.history.sample_files import Sample, SampleFiles, points
from app.pulse.history.sampler import Sampler
from app.pulse.history.traffic import FINE_SERVERS_MAX, RECENT, TrafficHistory, servers_level
from app.pulse.process.control import VerbRefused

WEB = ServiceKey(Family.IPV4, Transport.TCP, ip_address("192.0.2.1"), 80)
DNS = ServiceKey(Family.IPV6, Transport.UDP, ip_address("2001:db8::1"), 53)
MARK = ServiceKey(Family.IPV4, Transport.NONE, None, 0, 7)
T0 = 1_800_000_000
FINE, MINUTE, FIVE, HOUR = LEVELS


def server(number: int) -> DestinationKey:
    return DestinationKey(ip_address("10.0.0.0") + number, 80)


def readings(at: float, totals: dict[ServiceKey, int], servers: int = 1) -> Readings:
    """Return what pulse holds at `at`: of each service so many connections, shared by its servers."""
    counters = {
        key: ServiceCounters(
            Counters(total * servers, total),
            {server(n): DestinationCounters(n + 1, 10, 0, Counters(total, total)) for n in range(servers)},
        )
        for key, total in totals.items()
    }
    return Readings(
        {key: counter.totals for key, counter in counters.items()}, at, counters, dict.fromkeys(counters, at)
    )


def run(files: SampleFiles, sampler: Sampler, at: int, found: Readings) -> None:
    """Keep the sample of `found` at `at`, read just then."""
    files.add(FINE, sampler.services(found, at, found.totals_at, 10))
    fold(files, FINE, at)


def connections(files: SampleFiles, key: ServiceKey | None, span_s: int, until: int) -> dict[int, float]:
    """Return new connections per second by time since T0, where they are known."""
    name = series_name(key) if key else DIRECTOR
    found = points(files, series_id(name), span_s, until)
    return {at - T0: round(row[0], 3) for at, (_, row) in sorted(found.items()) if row[0] == row[0]}


def test_what_is_counted_between_two_readings_is_a_rate_of_the_second(tmp_path: Path) -> None:
    files, sampler = SampleFiles(tmp_path), Sampler()
    for n in range(1, 5):
        run(files, sampler, T0 + 10 * n, readings(10.0 * n, {WEB: 50 * n, DNS: 10 * n}))
    assert connections(files, WEB, 600, T0 + 40) == {20: 5, 30: 5, 40: 5}
    assert connections(files, DNS, 600, T0 + 40) == {20: 1, 30: 1, 40: 1}
    assert connections(files, None, 600, T0 + 40) == {20: 6, 30: 6, 40: 6}
    assert connections(files, MARK, 600, T0 + 40) == {}


def test_a_service_made_anew_is_unknown_for_one_step_and_never_negative(tmp_path: Path) -> None:
    files, sampler = SampleFiles(tmp_path), Sampler()
    for n, total in enumerate((100, 200, 3, 13), 1):
        run(files, sampler, T0 + 10 * n, readings(10.0 * n, {WEB: total}))
    assert connections(files, WEB, 600, T0 + 40) == {20: 10, 40: 1}


def test_a_time_in_which_nothing_was_read_is_a_gap_and_so_is_its_first_reading(tmp_path: Path) -> None:
    files, sampler = SampleFiles(tmp_path), Sampler()
    for n, read_at in ((1, 10), (2, 20), (3, 20), (4, 20), (5, 20), (6, 60), (7, 70)):
        found = readings(read_at, {WEB: read_at})
        files.add(FINE, sampler.services(found, T0 + 10 * n, 10.0 * n, 10))
    assert connections(files, WEB, 600, T0 + 70) == {20: 1, 70: 1}
    rows = points(files, series_id(DIRECTOR), 600, T0 + 70)
    assert T0 + 50 not in rows


def test_a_service_that_goes_and_others_that_come_keep_each_its_own_past(tmp_path: Path) -> None:
    files, sampler = SampleFiles(tmp_path), Sampler()
    tables = [{WEB, DNS}, {WEB, DNS}, {DNS}, {DNS, MARK}, {MARK}, {MARK, WEB}, {MARK, WEB}]
    speed = {WEB: 1, DNS: 2, MARK: 3}
    for n, keys in enumerate(tables, 1):
        run(files, sampler, T0 + 10 * n, readings(10.0 * n, {key: speed[key] * 10 * n for key in keys}))
    until = T0 + 70
    assert connections(files, WEB, 600, until) == {20: 1, 70: 1}
    assert connections(files, DNS, 600, until) == {20: 2, 30: 2, 40: 2}
    assert connections(files, MARK, 600, until) == {50: 3, 60: 3, 70: 3}


def test_servers_are_told_with_their_connections(tmp_path: Path) -> None:
    files, sampler = SampleFiles(tmp_path), Sampler()
    for n in (1, 2):
        [*_, sample] = sampler.servers(readings(10.0 * n, {WEB: 10 * n}, servers=3), T0 + 10 * n, 10.0 * n, 10)
        assert sample
        files.add(FINE, sample)
    found = points(files, series_id(series_name(WEB, server(2))), 600, T0 + 20)
    assert found[T0 + 20] == (10, (1, 1, 0, 0, 0, 3, 10))
    assert found[T0 + 10][1][5:] == (3, 10)


@pytest.mark.parametrize("restart_at", [0, 7, 60, 61, 359])
def test_longer_steps_are_means_also_over_a_restart(tmp_path: Path, restart_at: int) -> None:
    files, sampler = SampleFiles(tmp_path), Sampler()
    for n in range(1, 721):
        if n == restart_at:
            files, sampler = SampleFiles(tmp_path), Sampler()
        run(files, sampler, T0 + 10 * n, readings(10.0 * n, {WEB: 20 * n}))
    for level, span_s in ((MINUTE, 6 * 3600), (FIVE, 86400), (HOUR, 31 * 86400)):
        found = points(files, series_id(series_name(WEB)), span_s, T0 + 7200)
        coarse = {at: row[0] for at, (step_s, row) in found.items() if step_s == level.step_s}
        assert len(coarse) == 7200 // level.step_s
        assert set(coarse.values()) == {2.0}


def test_what_is_too_young_for_a_long_step_is_told_in_short_ones(tmp_path: Path) -> None:
    files, sampler = SampleFiles(tmp_path), Sampler()
    for n in range(1, 41):
        run(files, sampler, T0 + 10 * n, readings(10.0 * n, {WEB: 10 * n}))
    found = points(files, series_id(series_name(WEB)), 31 * 86400, T0 + 400)
    steps = {at - T0: step_s for at, (step_s, _) in sorted(found.items())}
    assert steps == {300: 300, 360: 60, 370: 10, 380: 10, 390: 10, 400: 10}


def test_the_disk_holds_no_more_than_the_bounds_say(tmp_path: Path) -> None:
    files, sampler = SampleFiles(tmp_path), Sampler()
    for n in range(1, 2000):
        run(files, sampler, T0 + 10 * n, readings(10.0 * n, {WEB: n}))
    for level in (FINE, MINUTE):
        there = list((tmp_path / str(level.step_s)).iterdir())
        assert len(there) <= level.kept_s // level.span_s + 1
        steps = (level.kept_s + level.span_s) // level.step_s
        # Two series, and for each sample the sizes of the record.
        assert sum(path.stat().st_size for path in there) <= steps * (2 * 36 + 24)
    assert min(connections(files, WEB, 3600, T0 + 19990)) >= 19990 - 3600


def test_servers_are_sampled_as_finely_as_they_are_read() -> None:
    def table(services: int, servers: int) -> Readings:
        key = {ServiceKey(Family.IPV4, Transport.TCP, ip_address(n), 80): 1 for n in range(services)}
        return readings(0, key, servers)

    assert servers_level(table(100, 3)) is FINE
    assert servers_level(table(2, FINE_SERVERS_MAX)) is MINUTE
    assert servers_level(table(600, 1)) is MINUTE
    assert servers_level(table(4000, 0)) is FIVE


def ask(history: TrafficHistory, **request: Any) -> Any:
    return asyncio.run(history.answer(request))


def test_the_verb_tells_a_series_with_what_is_unknown_as_null(tmp_path: Path) -> None:
    now = int(time.time()) // 10 * 10
    held: list[Readings] = []
    history = TrafficHistory(lambda: held[-1], Disk(tmp_path))
    base = time.monotonic()

    async def sampled() -> None:
        for n in (2, 1, 0):
            at = base - 10 * n
            held.append(readings(at, {WEB: 100 - 10 * n}, servers=2))
            await history.sample(now - 10 * n)

    asyncio.run(sampled())
    report = cast(HistoryReport, ask(history, service="tcp 192.0.2.1:80", span_s=600))
    last: PointReport = report["points"][-1]
    assert (last["at"], last["step_s"], last["connections"], last["active"]) == (now, 10, 2.0, 3.0)
    assert report["until"] - report["since"] == 600
    assert report["points"][0]["connections"] is None
    told = cast(HistoryReport, ask(history, service="tcp 192.0.2.1:80", server="10.0.0.1:80"))
    assert told["points"][-1]["connections"] == 1.0
    assert cast(HistoryReport, ask(history))["points"][-1]["connections"] == 2.0
    recent = cast(RecentReport, ask(history, recent=["tcp 192.0.2.1:80", "fwm 9"]))
    assert recent["series"]["fwm 9"] == [None] * RECENT
    assert [value for value in recent["series"]["tcp 192.0.2.1:80"] if value is not None] == [2.0, 2.0]


WRONG: list[dict[str, Any]] = [
    {"service": "nonsense"},
    {"service": 1},
    {"server": "10.0.0.1:80"},
    {"service": "tcp 192.0.2.1:80", "server": "x"},
    {"service": "tcp 192.0.2.1:80", "server": 1},
    {"span_s": 0},
    {"span_s": 10**9},
    {"span_s": "1"},
    {"span_s": True},
    {"recent": "tcp 192.0.2.1:80"},
    {"recent": [1]},
    {"recent": [[]]},
    {"recent": ["x"] * 1001},
    {"shares": ["10.0.0.1:80"]},
    {"service": "tcp 192.0.2.1:80", "shares": [{}]},
    {"service": "tcp 192.0.2.1:80", "shares": ["10.0.0.1:80"] * 201},
]


@pytest.mark.parametrize("request_", WRONG)
def test_a_question_that_makes_no_sense_is_refused_with_a_sentence(
    tmp_path: Path, request_: dict[str, Any]
) -> None:
    with pytest.raises(VerbRefused):
        ask(TrafficHistory(lambda: None, Disk(tmp_path)), **request_)


def test_a_directory_that_takes_nothing_is_said_once_and_costs_only_history(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "pulse")
    directory = tmp_path / "history"
    directory.write_text("no directory")
    history = TrafficHistory(lambda: readings(time.monotonic(), {WEB: 1}), Disk(directory))

    async def sampled() -> None:
        for n in range(3):
            await history.sample(T0 + 10 * n)
        directory.unlink()
        await history.sample(T0 + 30)

    asyncio.run(sampled())
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == 2
    assert "PALOMETA_HISTORY_DIRECTORY" in said[0]
    assert said[1] == f"history is written to {directory} again"


def test_the_small_graphs_are_there_again_after_a_restart(tmp_path: Path) -> None:
    now = int(time.time()) // 10 * 10
    files, sampler = SampleFiles(tmp_path / "services"), Sampler()
    for n in (2, 1, 0):
        run(files, sampler, now - 10 * n, readings(-10.0 * n, {WEB: 100 - 10 * n}))

    async def restarted() -> list[float | None]:
        history = TrafficHistory(lambda: None, Disk(tmp_path))
        task = asyncio.create_task(history.run())
        while not history.is_loaded:
            await asyncio.sleep(0.01)
        task.cancel()
        return cast(RecentReport, await history.answer({"recent": ["tcp 192.0.2.1:80"]}))["series"][
            "tcp 192.0.2.1:80"
        ]

    assert [value for value in asyncio.run(restarted()) if value is not None] == [1.0, 1.0]


def test_a_file_restored_from_before_gives_no_series_the_traffic_of_another(tmp_path: Path) -> None:
    files = SampleFiles(tmp_path)
    first, other = series_id("one"), series_id("other")
    values = {ident: array("f", [number] * WIDTH) for number, ident in enumerate((first, other), 1)}
    files.add(FINE, Sample(T0 + 10, first + other, values[first] + values[other]))
    [path] = (tmp_path / "10").iterdir()
    size = path.stat().st_size
    for at in (20, 30):
        files.add(FINE, Sample(T0 + at, other + first, values[other] + values[first]))
        if at == 20:
            os.truncate(path, size)
    assert {at - T0: row[0] for at, row in files.row(FINE, first, T0, T0 + 99).items()} == {10: 1.0, 30: 1.0}


def test_a_history_that_is_deleted_or_emptied_begins_anew_at_once(tmp_path: Path) -> None:
    files, sampler = SampleFiles(tmp_path / "services"), Sampler()
    for n in range(12):
        run(files, sampler, T0 + 10 * n, readings(10.0 * n, {WEB: 20 * n}))
    for path in (tmp_path / "services" / "10").iterdir():
        os.truncate(path, 0)
    assert connections(files, WEB, 100, T0 + 110) == {60: 2.0}
    run(files, sampler, T0 + 120, readings(120.0, {WEB: 240}))
    assert connections(files, WEB, 50, T0 + 120) == {120: 2.0}
    shutil.rmtree(tmp_path / "services")
    run(files, sampler, T0 + 130, readings(130.0, {WEB: 260}))
    assert connections(files, WEB, 50, T0 + 130) == {130: 2.0}
