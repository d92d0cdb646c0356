"""Snapshots of the table: kept every minute, and when its structure or a weight has changed, for a week at most.

A record is compressed JSON, one line for the whole and one for each service. Each file spans six hours; the
oldest are deleted after a week, or when all of them are too large.
"""

import asyncio
import json
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from app.lvs.ipvs.counters import Readings
from app.lvs.ipvs.service_names import read_service
from app.lvs.ipvs.table import Table, service_order
from app.lvs.model.config import Config
from app.lvs.reports.past import HeldReport, PastServerReport, PastServiceReport, PastTableReport
from app.lvs.reports.status import AppliedReport, ServiceReport
from app.pulse.history.disk import Disk
from app.pulse.history.record_file import RecordFile
from app.pulse.history.ticks import ticks
from app.pulse.process.control import VerbRefused, read_arguments
from app.pulse.table.keeper import TableKeeper
from app.pulse.table.report import service_reports

CHECK_EVERY_S = 10
KEPT_S = 7 * 24 * 3600
SPAN_S = 6 * 3600
SIZE_MAX = 200 << 20
"""The total size of all files in bytes."""
LARGE = 1000
"""A table with more servers than this is large, and kept less often."""
EVERY_S, EVERY_LARGE_S = 60, 600
CHANGED_LARGE_S = 60
"""A large table that keeps changing is kept no more often than this."""
FIRST = 100
_SLICE = 50
_OF_SERVICE, _OF_SERVER = PastServiceReport.__annotations__, PastServerReport.__annotations__
_AT_MAX = 2**32 - 1


@dataclass(frozen=True, slots=True)
class PastTableArguments:
    """The argument of the verb "table_at": a time in seconds since the epoch."""

    at: float

    def __post_init__(self) -> None:
        if not 0 <= self.at <= _AT_MAX:
            raise ValueError(f"'at' must be from 0 to {_AT_MAX} seconds since 1970, not {self.at:g}")


@dataclass(frozen=True, slots=True)
class HeldArguments:
    """The argument of the verb "held": a service, or none."""

    service: str | None = None


@dataclass(frozen=True, slots=True)
class TableState:
    """The state of pulse: copies of the table and the counters, the configuration, and the applied serial."""

    table: Table
    readings: Readings
    config: Config | None
    kernel: str
    serial_no: int


def held(
    keeper: TableKeeper | None, config: Config | None, kernel: str, applied: AppliedReport | None
) -> TableState | None:
    """Return copies of what `keeper` has read; None: it has not read anything."""
    if keeper is None or keeper.read_at is None:
        return None
    return TableState(
        dict(keeper.table), keeper.readings(), config, kernel, applied["serial_no"] if applied else 0
    )


class TableSnapshots:
    """Keeps the tables that `held` returns on `disk`; None: the table is unknown."""

    def __init__(self, held: Callable[[], TableState | None], disk: Disk) -> None:
        self._held = held
        self._disk = disk
        self._directory = disk.path / "tables"
        self._files: dict[Path, RecordFile] = {}
        self._kept: Table | None = None
        self._kept_at = 0

    async def run(self) -> None:
        """Keep until cancelled."""
        async for at in ticks(CHECK_EVERY_S):
            await self.keep_if_due(at)

    async def keep_if_due(self, at: int) -> None:
        """Keep the table at `at`, if that is due or the table has changed."""
        now = self._held()
        if now is None:
            self._kept = None
            return
        is_large = sum(len(service.destinations) for service in now.table.values()) > LARGE
        has_changed = now.table != self._kept
        least_s = CHANGED_LARGE_S if is_large and self._kept is not None else 0
        every_s = EVERY_LARGE_S if is_large else EVERY_S
        age_s = at - self._kept_at
        # The clock may have been set back.
        if 0 <= age_s < (least_s if has_changed else every_s):
            return
        self._kept, self._kept_at = now.table, at
        packer = zlib.compressobj(1)
        head = {"kernel": now.kernel, "serial_no": now.serial_no, "every_s": every_s}
        pieces = [packer.compress(json.dumps(head).encode())]
        for number, service in enumerate(service_reports(now.table, now.readings.counters, now.config)):
            pieces.append(packer.compress(b"\n" + json.dumps(_past(service), separators=(",", ":")).encode()))
            if number % _SLICE == 0:
                await asyncio.sleep(0)
        await self._disk.keep(self._append, at, b"".join((*pieces, packer.flush())))

    async def answer(self, request: Mapping[str, Any]) -> PastTableReport:
        """Answer the verb "table_at": the table as it was at `at`."""
        return await self._disk.find(self._find, read_arguments(request, PastTableArguments).at)

    async def now(self, request: Mapping[str, Any]) -> HeldReport:
        """Answer the verb "held": one `service` as it is now, or else the first services without their servers.

        So a page about one service costs the same, no matter how many there are.
        """
        now, text = self._held(), read_arguments(request, HeldArguments).service
        if now is None:
            raise VerbRefused("the table is unknown: pulse cannot read it at the moment")
        try:
            keys = [read_service(text)] if text else sorted(now.table, key=service_order)[:FIRST]
        except ValueError as error:
            raise VerbRefused(str(error)) from error
        part = {key: now.table[key] for key in keys if key in now.table}
        if not text:
            part = {key: replace(service, destinations=()) for key, service in part.items()}
        reports = service_reports(part, now.readings.counters, now.config)
        return {"services": [_past(service) for service in reports]}

    def _append(self, at: int, payload: bytes) -> None:
        path = self._directory / str(at // SPAN_S * SPAN_S)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
        self._drop_old(at)
        self._file(path).append(at, payload)

    def _find(self, asked: float) -> PastTableReport:
        known = sorted(
            (at, path, index) for path in self._there() for index, at in enumerate(self._file(path).times)
        )
        earlier = [snapshot for snapshot in known if snapshot[0] <= asked]
        later = known[len(earlier) :]
        report: PastTableReport = {
            "asked": asked,
            "at": None,
            "before": earlier[-1][0] if earlier else None,
            "after": later[0][0] if later else None,
            "kernel": "",
            "serial_no": 0,
            "services": [],
        }
        if earlier:
            at, path, index = earlier[-1]
            head, services = self._read(path, index)
            # While pulse could read the table, the next snapshot was kept within that time.
            if asked < at + 2 * head["every_s"]:
                report |= {
                    "at": at,
                    "before": earlier[-2][0] if earlier[1:] else None,
                    "kernel": head["kernel"],
                    "serial_no": head["serial_no"],
                    "services": services,
                }
        return report

    def _read(self, path: Path, index: int) -> tuple[dict[str, Any], list[PastServiceReport]]:
        file = self._file(path)
        with file.reading() as descriptor:
            head, *lines = zlib.decompress(file.payload(descriptor, index)).splitlines()
        return json.loads(head), [json.loads(line) for line in lines]

    def _file(self, path: Path) -> RecordFile:
        file = self._files.get(path)
        if file is None or not file.is_as_left():
            file = self._files[path] = RecordFile(path)
        return file

    def _there(self) -> Iterator[Path]:
        with suppress(FileNotFoundError):
            yield from (path for path in self._directory.iterdir() if path.name.isascii() and path.name.isdigit())

    def _drop_old(self, now: int) -> None:
        there = sorted(self._there(), key=lambda path: int(path.name))
        size = sum(path.stat().st_size for path in there)
        for path in there[:-1]:
            if int(path.name) + SPAN_S > now - KEPT_S and size <= SIZE_MAX:
                break
            size -= path.stat().st_size
            path.unlink(missing_ok=True)
            self._files.pop(path, None)


def _past(service: ServiceReport) -> PastServiceReport:
    kept: dict[str, Any] = {name: part for name, part in service.items() if name in _OF_SERVICE}
    kept["destinations"] = [
        {name: part for name, part in destination.items() if name in _OF_SERVER}
        for destination in service["destinations"]
    ]
    return cast(PastServiceReport, kept)
