"""The demonstration: which router has no power, and when everything ends."""

import sys
from pathlib import Path

import pytest

from lab.daemons import run_together
from lab.demo import killed


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
