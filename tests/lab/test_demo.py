"""The demonstration: which router has no power, and when everything ends."""

import os
import sys
from pathlib import Path

import pytest

from lab.daemons import run_together
from lab.demo import killed
from lab.run import state_image


@pytest.mark.parametrize(("words", "dead"), [("1\n", {1}), ("2", {2}), ("1 2", {1, 2}), ("0", {0})])
def test_the_routers_whose_numbers_are_in_the_file_have_no_power(
    tmp_path: Path, words: str, dead: set[int]
) -> None:
    file = tmp_path / "kill_router"
    file.write_text(words)
    assert killed(file) == dead


@pytest.mark.parametrize("words", [None, "", "both"])
def test_an_empty_or_invalid_file_changes_nothing(tmp_path: Path, words: str | None) -> None:
    file = tmp_path / "kill_router"
    if words is not None:
        file.write_text(words)
    assert killed(file) is None


def test_when_a_process_ends_on_its_own_it_is_named_and_the_others_end(
    capfd: pytest.CaptureFixture[str],
) -> None:
    commands = {"pulse": ["sleep", "1000"], "web": [sys.executable, "-c", "raise SystemExit(3)"]}
    assert run_together(commands, {}) == 1
    assert capfd.readouterr().err == "palometa web ended with status 3: stopping the others.\n"


def test_the_image_with_the_database_and_the_keys_is_its_owners_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PALOMETA_DEMO_DIRECTORY", str(tmp_path))
    before = os.umask(0)
    try:
        image = state_image()
        assert image.stat().st_mode & 0o7777 == 0o600
        # As an earlier version left it.
        image.chmod(0o644)
        assert state_image().stat().st_mode & 0o7777 == 0o600
    finally:
        os.umask(before)
    assert os.listdir(tmp_path) == ["demo.img"]
