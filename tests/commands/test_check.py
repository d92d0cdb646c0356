"""`palometa check`: what it reports about files, and with which exit code."""

import json
from pathlib import Path

import pytest

from app.cli import main

GOOD = "serial_no = 1\nnetwork = direct\n"
SHARED = Path(__file__).parents[3] / "shared" / "lvs.cf"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "lvs.cf"


def test_a_good_file_is_ok(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(GOOD)
    assert main(["check", str(file)]) == 0
    assert capsys.readouterr().out == f"{file}: ok\n"


def test_every_problem_is_printed_with_its_position_and_line(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(GOOD + "keepalive = six\n\tdeadtime = x\n")
    assert main(["check", str(file)]) == 1
    out = capsys.readouterr().out
    assert f"{file}:3:13: error: " in out
    assert f"{file}:4:13: error: " in out
    assert "    keepalive = six\n                ^\n" in out


def test_warnings_do_not_change_the_exit_code(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(GOOD + "foo = 1\nkeepalive = 5\ndeadtime = 5\n")
    assert main(["check", str(file)]) == 0
    out = capsys.readouterr().out
    assert f"{file}:3:1: warning: " in out
    assert f"{file}:5:1: warning: Assume dead after" in out


def test_a_violated_rule_is_reported_with_its_line(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(GOOD + "virtual a {\n     port = 70000\n     active = 1\n}\n")
    assert main(["check", str(file)]) == 1
    assert f"{file}:4:6: error: " in capsys.readouterr().out


def test_json_output_is_a_list_with_one_entry_per_file(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text("keepalive = six\n")
    other = tmp_path / "missing.cf"
    assert main(["check", "--json", str(file), str(other)]) == 1
    first, second = json.loads(capsys.readouterr().out)
    assert (first["file"], first["ok"]) == (str(file), False)
    assert set(first["problems"][0]) == {"line", "column", "severity", "message"}
    assert first["problems"][0]["line"] == 1
    assert "does not exist" in second["problems"][0]["message"]


def test_with_piranha_it_refuses_what_piranha_refused(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text("keepalive = 6 # often\n")
    assert main(["check", str(file)]) == 0
    assert main(["check", "--piranha", str(file)]) == 1
    assert "unexpected arguments" in capsys.readouterr().out


@pytest.mark.parametrize("sample", sorted(SHARED.glob("*.cf")), ids=lambda sample: sample.name)
def test_every_sample_file_loads(sample: Path) -> None:
    assert main(["check", str(sample)]) == 0
