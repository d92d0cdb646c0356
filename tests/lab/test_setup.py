"""lab/setup, which installs what is missing, as root."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

SETUP = Path(__file__).parents[2] / "lab/setup"
_FAILING = """#!/bin/bash
# Somebody else, who knows the number of the process, is there first.
ln -s {victim} /tmp/palometa-apt.$PPID
[ "$1" = install ] || exit 0
stat -Lc %a /proc/$$/fd/1
rm -f /tmp/palometa-apt.$PPID
exit 100
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root installs packages")
def test_what_apt_says_is_written_to_no_file_whose_name_can_be_known_before(tmp_path: Path) -> None:
    victim, tools, temporary = tmp_path / "victim", tmp_path / "tools", tmp_path / "temporary"
    victim.write_text("root's")
    for directory in (tools, temporary):
        directory.mkdir()
    # Only these are there, so that setup finds something missing on every machine.
    for name in ("dirname", "id", "mktemp", "cat", "rm", "ln", "stat", "bash", "python3"):
        (tools / name).symlink_to(shutil.which(name) or name)
    apt = tools / "apt-get"
    apt.write_text(_FAILING.format(victim=victim))
    apt.chmod(0o755)
    done = subprocess.run(
        [tools / "bash", SETUP, "run"],
        env={"PATH": str(tools), "TMPDIR": str(temporary)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "apt-get failed" in done.stderr
    assert "600\n" in done.stderr, "what apt-get said is shown, and was nobody else's to read"
    assert victim.read_text() == "root's"
    assert os.listdir(temporary) == []
