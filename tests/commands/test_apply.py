"""`palometa apply` on a machine where nothing of Palometa has run yet."""

import json
import os
from pathlib import Path

import pytest

from tests.commands.forked import run

pytestmark = [
    pytest.mark.kernel,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root changes the kernel's table"),
]

TEXT = "serial_no = 1\nvirtual web {\n active = 1\n address = 192.0.2.10 eth0:1\n port = 80\n}\n"


def test_it_makes_the_runtime_directory_that_is_missing_and_follows_no_link_there(tmp_path: Path) -> None:
    file, runtime, victim = tmp_path / "in.cf", tmp_path / "run", tmp_path / "hosts"
    file.write_text(TEXT)
    environment = {"PALOMETA_RUNTIME_DIRECTORY": str(runtime)}
    done = run(["apply", str(file)], environment, tmp_path / "said")
    assert (done.status, done.errors) == (0, "")
    assert runtime.stat().st_mode & 0o7777 == 0o750
    assert len(json.loads((runtime / "owned.json").read_text())["services"]) == 1
    # Pulse's user, whose directory it is, puts a link there for root.
    victim.write_text("root's")
    (runtime / "owned.json").unlink()
    (runtime / "owned.json").symlink_to(victim)
    os.chown(runtime / "owned.json", 3637, 3637, follow_symlinks=False)
    os.chown(runtime, 3637, 3637)
    done = run(["apply", str(file)], environment, tmp_path / "said")
    assert done.status == 1
    assert "links there are not followed" in done.errors
    assert "Traceback" not in done.errors
    assert victim.read_text() == "root's"


def test_a_file_in_place_of_the_runtime_directory_is_said(tmp_path: Path) -> None:
    file = tmp_path / "in.cf"
    file.write_text(TEXT)
    (tmp_path / "run").write_text("")
    done = run(["apply", str(file)], {"PALOMETA_RUNTIME_DIRECTORY": str(tmp_path / "run")}, tmp_path / "said")
    assert (done.status, "Traceback" in done.errors) == (1, False)
    assert f"there is no directory {tmp_path / 'run'}" in done.errors
