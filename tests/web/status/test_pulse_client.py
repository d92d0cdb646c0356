"""Asking pulse, but not for every viewer."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.web.status import pulse_client
from app.web.status.pulse_client import PulseClient
from tests.web.pulse_double import running_pulse


def test_fifty_viewers_at_once_cost_one_question(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse_client, "KEPT_S", 3600.0)
    with running_pulse(tmp_path / "pulse.sock") as pulse, ThreadPoolExecutor(50) as pool:
        status = PulseClient(tmp_path / "pulse.sock")
        seen = list(pool.map(lambda _: status.read(), range(50)))
        assert pulse.asked == 1
    assert all(answer.report and answer.report["pid"] == 812 for answer in seen)


def test_an_answer_that_has_grown_old_is_asked_for_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse_client, "KEPT_S", 0.0)
    with running_pulse(tmp_path / "pulse.sock") as pulse:
        status = PulseClient(tmp_path / "pulse.sock")
        status.read()
        status.read()
        assert pulse.asked == 2


def test_a_pulse_that_is_gone_leaves_no_old_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse_client, "KEPT_S", 0.0)
    status = PulseClient(tmp_path / "pulse.sock")
    with running_pulse(tmp_path / "pulse.sock"):
        assert status.read().report
    seen = status.read()
    assert seen.report is None
    assert seen.silence
