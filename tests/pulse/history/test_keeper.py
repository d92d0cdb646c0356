"""What pulse keeps of the past is an extra: a defect there is said, and costs nothing else."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.pulse.history.keeper import HistoryKeeper
from app.pulse.history.table_snapshots import TableState


def test_a_defect_in_keeping_is_said_with_its_place(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_asked = asyncio.Event()

    def held() -> TableState | None:
        is_asked.set()
        raise RuntimeError("a defect")

    async def soon(step_s: int) -> AsyncIterator[int]:
        yield step_s

    monkeypatch.setattr("app.pulse.history.table_snapshots.ticks", soon)
    monkeypatch.setattr("app.pulse.history.traffic.ticks", soon)

    async def kept() -> None:
        with HistoryKeeper(held, tmp_path).kept():
            await is_asked.wait()
            while len(caplog.records) < 2:
                await asyncio.sleep(0)

    asyncio.run(asyncio.wait_for(kept(), 20))
    said = {record.getMessage() for record in caplog.records}
    assert said == {"history is no longer kept until pulse is restarted: RuntimeError('a defect')"}
