"""The table as it was: kept every minute and when it changes, found again, bounded, over restarts."""

import asyncio
import logging
import os
import shutil
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from app.lvs.ipvs.counters import Counters, DestinationCounters, Readings, ServiceCounters
from app.lvs.ipvs.table import Destination, DestinationKey, Family, Forward, Service, ServiceKey, Transport
from app.lvs.reports.past import PastServiceReport, PastTableReport
from app.pulse.history import table_snapshots
from app.pulse.history.disk import Disk
from app.pulse.history.table_snapshots import KEPT_S, LARGE, SPAN_S, TableSnapshots, TableState
from app.pulse.process.control import VerbRefused

WEB = ServiceKey(Family.IPV4, Transport.TCP, ip_address("192.0.2.1"), 80)
T0 = 1_800_000_000 // SPAN_S * SPAN_S


def held(weight: int = 1, active: int = 0, servers: int = 1) -> TableState:
    """Return a table of one service whose servers have `weight` and `active` connections."""
    keys = [DestinationKey(ip_address("10.0.0.1") + n, 80) for n in range(servers)]
    service = Service(WEB, "wlc", destinations=tuple(Destination(key, Forward.ROUTE, weight) for key in keys))
    counted = ServiceCounters(Counters(), {key: DestinationCounters(active, 0, 0, Counters()) for key in keys})
    readings = Readings({WEB: Counters()}, 0.0, {WEB: counted}, {WEB: 0.0})
    return TableState({WEB: service}, readings, None, "1.2.1 (size=4096)", 7)


class Kept:
    """A pulse that keeps what it is told to hold."""

    def __init__(self, directory: Path) -> None:
        self.now: TableState | None = None
        self.tables = TableSnapshots(lambda: self.now, Disk(directory))

    def look(self, at: int, now: TableState | None) -> None:
        self.now = now
        asyncio.run(self.tables.keep_if_due(at))

    def at(self, at: Any) -> PastTableReport:
        return asyncio.run(self.tables.answer({"at": at}))


def weights(report: PastTableReport) -> list[int]:
    return [destination["weight"] for service in report["services"] for destination in service["destinations"]]


def test_the_table_of_a_time_is_the_last_one_kept_before_it(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    for n in range(13):
        kept.look(T0 + 10 * n, held(active=n))
    found = kept.at(T0 + 65.5)
    assert (found["at"], found["before"], found["after"]) == (T0 + 60, T0, T0 + 120)
    assert (found["kernel"], found["serial_no"]) == ("1.2.1 (size=4096)", 7)
    [service] = found["services"]
    assert service["address"] == "192.0.2.1"
    assert service["destinations"] == [
        {
            "name": None,
            "address": "10.0.0.1",
            "port": 80,
            "forward": "Route",
            "weight": 1,
            "active": 6,
            "inactive": 0,
        }
    ]


def test_a_change_of_a_weight_is_kept_at_once(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    for n, weight in enumerate((1, 1, 5, 5)):
        kept.look(T0 + 10 * n, held(weight))
    assert [weights(kept.at(T0 + at)) for at in (19, 20, 30)] == [[1], [5], [5]]


def test_of_a_time_when_pulse_did_not_read_nothing_is_known_and_neighbours_are_named(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    kept.look(T0, held())
    kept.look(T0 + 10, None)
    kept.look(T0 + 1000, held())
    assert kept.at(T0 + 119)["at"] == T0
    found = kept.at(T0 + 500)
    assert (found["at"], found["before"], found["after"], found["services"]) == (None, T0, T0 + 1000, [])
    assert (kept.at(T0 - 1)["before"], kept.at(T0 - 1)["after"]) == (None, T0)


def test_a_restart_forgets_nothing(tmp_path: Path) -> None:
    Kept(tmp_path).look(T0, held(3))
    again = Kept(tmp_path)
    again.look(T0 + 60, held(4))
    assert [weights(again.at(at)) for at in (T0, T0 + 60)] == [[3], [4]]


def test_a_large_table_is_kept_every_ten_minutes_and_when_it_changes_every_minute(tmp_path: Path) -> None:
    kept, large = Kept(tmp_path), LARGE + 1
    for n in range(61):
        kept.look(T0 + 10 * n, held(active=n, servers=large))
    assert (kept.at(T0 + 599)["at"], kept.at(T0 + 600)["at"]) == (T0, T0 + 600)
    for n in range(1, 8):
        kept.look(T0 + 600 + 10 * n, held(weight=n + 1, servers=large))
    assert kept.at(T0 + 670)["at"] == T0 + 660


def test_what_is_kept_is_bounded_by_time_and_by_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Kept(tmp_path)
    for n in range(40):
        kept.look(T0 + n * SPAN_S, held())
    there = sorted(int(path.name) for path in (tmp_path / "tables").iterdir())
    assert there[-1] - there[0] <= KEPT_S
    size = sum(path.stat().st_size for path in (tmp_path / "tables").iterdir())
    monkeypatch.setattr(table_snapshots, "SIZE_MAX", size // 2)
    kept.look(T0 + 40 * SPAN_S, held())
    assert sum(path.stat().st_size for path in (tmp_path / "tables").iterdir()) <= size // 2 + size // 20
    assert kept.at(T0 + 40 * SPAN_S)["at"] == T0 + 40 * SPAN_S


def test_damage_costs_what_follows_it_and_is_said_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    kept = Kept(tmp_path)
    for n in range(3):
        kept.look(T0 + 60 * n, held(n + 1))
    path = tmp_path / "tables" / str(T0)
    os.truncate(path, path.stat().st_size - 5)
    after = Kept(tmp_path)
    assert weights(after.at(T0 + 60)) == [2]
    assert after.at(T0 + 150)["at"] == T0 + 60
    assert [record.levelno for record in caplog.records] == [logging.ERROR]


@pytest.mark.parametrize("at", [None, "1", -1, 2**40, float("nan"), float("inf"), [], {}])
def test_what_is_no_time_is_refused(tmp_path: Path, at: object) -> None:
    with pytest.raises(VerbRefused):
        Kept(tmp_path).at(at)


def test_an_empty_table_is_known_to_have_been_empty(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    kept.look(T0, replace(held(), table={}))
    assert kept.at(T0)["services"] == []
    assert kept.at(T0)["at"] == T0


def test_one_service_is_told_as_it_is_now_and_of_all_the_first_without_servers(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    kept.now = held(weight=7)

    def now(**question: object) -> list[PastServiceReport]:
        return asyncio.run(kept.tables.now(question))["services"]

    assert [destination["weight"] for destination in now(service="tcp 192.0.2.1:80")[0]["destinations"]] == [7]
    assert now(service="tcp 192.0.2.9:80") == []
    assert [(row["address"], row["destinations"]) for row in now()] == [("192.0.2.1", [])]
    for wrong in ("x y", 7):
        with pytest.raises(VerbRefused):
            now(service=wrong)
    kept.now = None
    with pytest.raises(VerbRefused, match="the table is unknown"):
        now()


def test_past_tables_that_are_deleted_or_emptied_begin_anew_at_once(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    kept.look(T0, held(1))
    for path in (tmp_path / "tables").iterdir():
        os.truncate(path, 0)
    assert kept.at(T0)["at"] is None
    kept.look(T0 + 60, held(2))
    assert weights(kept.at(T0 + 60)) == [2]
    shutil.rmtree(tmp_path / "tables")
    kept.look(T0 + 120, held(3))
    assert weights(kept.at(T0 + 120)) == [3]
