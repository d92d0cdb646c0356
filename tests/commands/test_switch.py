"""`palometa switch`."""

from pathlib import Path

import pytest

from app.cli import main
from tests.web.pulse_double import running_pulse


@pytest.fixture(autouse=True)
def runtime_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PALOMETA_RUNTIME_DIRECTORY", str(tmp_path))
    return tmp_path


def answer(message: str, *, has_moved: bool) -> dict[str, object]:
    return {"ok": True, "answer": {"has_moved": has_moved, "took_ms": 68.0, "message": message}}


def test_it_prints_the_new_owner_of_the_virtual_ips(
    runtime_directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with running_pulse(runtime_directory / "pulse.sock") as pulse:
        pulse.switched = answer("10.0.0.3 has the virtual IPs after 68 ms.", has_moved=True)
        assert main(["switch"]) == 0
    assert capsys.readouterr().out == "10.0.0.3 has the virtual IPs after 68 ms.\n"


def test_anyway_is_requested_only_with_the_option(runtime_directory: Path) -> None:
    with running_pulse(runtime_directory / "pulse.sock") as pulse:
        pulse.switched = answer("10.0.0.3 has the virtual IPs after 68 ms.", has_moved=True)
        assert main(["switch"]) == main(["switch", "--anyway"]) == 0
        assert pulse.switches_asked == [False, True]


def test_a_partner_that_does_not_take_over_is_a_failure(
    runtime_directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with running_pulse(runtime_directory / "pulse.sock") as pulse:
        pulse.switched = answer("10.0.0.3 did not take the virtual IPs.", has_moved=False)
        assert main(["switch"]) == 1
    assert "did not take" in capsys.readouterr().err


def test_without_pulse_it_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["switch"]) == 1
    assert "pulse is not running" in capsys.readouterr().err


def test_what_a_partner_or_keepalived_said_is_no_command_to_the_terminal(
    runtime_directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with running_pulse(runtime_directory / "pulse.sock") as pulse:
        for has_moved in (True, False):
            pulse.switched = answer("keepalived: \x1b[2J", has_moved=has_moved)
            main(["switch"])
    printed = capsys.readouterr()
    assert printed.out == "keepalived: ␛[2J\n"
    assert printed.err == "palometa switch: keepalived: ␛[2J\n"
