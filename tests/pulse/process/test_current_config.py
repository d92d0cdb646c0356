"""The configuration in force, and what is refused: a file that is missing, wrong, or lost."""

import asyncio
from pathlib import Path

from app.lvs.model.config import Config
from app.pulse.process.current_config import CurrentConfig
from app.pulse.process.owned import OwnedState

GOOD = b"serial_no = 7\nprimary = 192.0.2.1\nservice = lvs\n"


def load(current: CurrentConfig, applied: Config | None = None) -> bool:
    return asyncio.run(current.load(applied))


def current_in(directory: Path) -> CurrentConfig:
    return CurrentConfig(directory / "lvs.cf", OwnedState(directory))


def test_a_director_that_never_had_a_file_refuses_nothing(tmp_path: Path) -> None:
    current = current_in(tmp_path)
    assert not load(current)
    assert (current.config, current.refused) == (None, ())


def test_a_file_that_is_lost_is_told_and_the_last_one_stays(tmp_path: Path) -> None:
    current = current_in(tmp_path)
    current.path.write_bytes(GOOD)
    assert load(current)
    applied = current.config
    assert applied is not None
    current.remember_applied(applied)
    current.path.unlink()
    assert not load(current, applied)
    assert current.config is applied
    [problem] = current.refused
    assert "does not exist: press ACCEPT" in problem.message
    # And so for the next pulse, which finds only what this one kept.
    later = current_in(tmp_path)
    assert load(later)
    assert later.config == applied
    assert later.refused == (problem,)


def test_a_file_that_is_wrong_or_no_file_is_refused_at_the_start_too(tmp_path: Path) -> None:
    current = current_in(tmp_path)
    current.path.write_bytes(b"virtual {")
    assert not load(current)
    assert current.refused
    current.path.unlink()
    current.path.mkdir()
    assert not load(current)
    assert current.refused
