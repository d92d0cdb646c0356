"""The log of `palometa pulse`: nothing from outside makes a line of it, or two."""

import os
import signal
from pathlib import Path

from tests.commands.forked import ended, start
from tests.waiting import until

FORGED = "lvs\npulse[1]: removing virtual server web\x1b[2J\u202e"


def log_of_pulse(tmp_path: Path, lvs_cf: Path, awaited: str) -> str:
    """Return what pulse logs until it is stopped, which is done when it has logged `awaited`."""
    run, said = tmp_path / "run", tmp_path / "said"
    run.mkdir()
    environment = {
        "PALOMETA_LVS_CF": str(lvs_cf),
        "PALOMETA_RUNTIME_DIRECTORY": str(run),
        "PALOMETA_HISTORY_DIRECTORY": str(tmp_path / "history"),
    }
    child = start(["pulse"], environment, said)
    try:
        until(lambda: awaited in said.with_suffix(".err").read_text())
    finally:
        os.kill(child, signal.SIGTERM)
        _, status = os.waitpid(child, 0)
    return ended(status, said).errors


def test_each_line_begins_with_the_name_and_the_number_of_pulse(tmp_path: Path) -> None:
    directory = tmp_path / FORGED
    directory.mkdir()
    lines = log_of_pulse(tmp_path, directory / "lvs.cf", "STARTING PULSE").splitlines()
    assert lines
    prefixes = {line.partition(": ")[0] for line in lines}
    assert len(prefixes) == 1
    assert prefixes.pop().startswith("pulse[")
    assert all(line.isprintable() for line in lines), lines
    assert "lvs␊pulse[1]: removing virtual server web␛[2J" in lines[0]
