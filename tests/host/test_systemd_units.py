"""systemd, asked by its own command; the stand-in for it is a script that says what systemctl says."""

from pathlib import Path

import pytest

from app.host import systemd_units
from app.host.systemd_units import ManagerRefused, Unit, find_unit, start, stop
from tests.host.systemctl import Systemctl


@pytest.fixture
def systemctl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Systemctl:
    return Systemctl(tmp_path, monkeypatch)


def test_without_systemd_there_is_no_unit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(systemd_units, "BOOTED", tmp_path / "no")
    assert find_unit() is None


def test_a_unit_that_does_not_exist_is_none(systemctl: Systemctl) -> None:
    systemctl.says("LoadState=not-found\nActiveState=inactive\nMainPID=0")
    assert find_unit() is None


def test_a_unit_is_told_with_its_state_and_its_process(systemctl: Systemctl) -> None:
    systemctl.says("LoadState=loaded\nActiveState=active\nMainPID=4711")
    assert find_unit() == Unit("active", 4711)


def test_an_answer_that_is_none_is_no_unit(systemctl: Systemctl) -> None:
    systemctl.refuses("Failed to connect to bus")
    assert find_unit() is None


def test_it_is_started_and_stopped_without_asking_for_a_password(systemctl: Systemctl) -> None:
    start()
    stop()
    assert systemctl.asked == [
        "--no-ask-password start palometa-pulse.service",
        "--no-ask-password stop palometa-pulse.service",
    ]


def test_a_refusal_is_told_in_the_managers_words(systemctl: Systemctl) -> None:
    systemctl.refuses("Failed to stop palometa-pulse.service: Access denied")
    with pytest.raises(ManagerRefused, match=r"^Failed to stop palometa-pulse.service: Access denied$"):
        stop()


def test_a_command_that_is_not_there_is_told(systemctl: Systemctl, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(systemd_units, "COMMAND", ("/nowhere/systemctl",))
    with pytest.raises(ManagerRefused, match="cannot be run: No such file"):
        start()
