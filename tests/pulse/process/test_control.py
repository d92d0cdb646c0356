"""The control socket whatever is asked: each question has an answer, and none of them is pulse's end."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from app.host.control_client import ControlRefused, ask
from app.pulse.process.control import ControlSocket


async def broken(request: Mapping[str, Any]) -> None:
    raise TypeError("a defect")


async def well(request: Mapping[str, Any]) -> str:
    return "well"


def test_a_verb_that_breaks_is_answered_with_a_sentence_logged_and_the_next_one_is_served(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "control"

    async def asked() -> None:
        server = await ControlSocket(path, {"broken": broken, "well": well}).start()
        async with server:
            with pytest.raises(ControlRefused, match="caused an unexpected error in pulse: check its log"):
                await asyncio.to_thread(ask, path, "broken", {"password": "hidden"})
            assert await asyncio.to_thread(ask, path, "well") == "well"

    asyncio.run(asyncio.wait_for(asked(), 20))
    [record] = caplog.records
    assert record.getMessage() == "the request 'broken' caused an unexpected error"
    assert record.exc_info
    assert "hidden" not in caplog.text
