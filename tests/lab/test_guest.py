"""What a command finds inside the lab's kernel."""

import os
import subprocess
from pathlib import Path

import pytest

from app.lvs.model.schedulers import Scheduler
from lab.inside import CLONE
from lab.which_kernel import Kernel

pytestmark = pytest.mark.kernel

embedded_only = pytest.mark.skipif(
    os.environ.get("PALOMETA_LAB") != Kernel.EMBEDDED, reason="natively the machine's files are its own"
)


@embedded_only
@pytest.mark.parametrize("directory", [CLONE, Path("/"), Path("/etc")])
def test_it_cannot_write_to_the_machine(directory: Path) -> None:
    with pytest.raises(OSError, match="Read-only file system"):
        (directory / "written-by-a-guest").write_text("x")


def test_it_writes_to_memory(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    assert (tmp_path / "file").read_text() == "x"


@pytest.mark.parametrize("scheduler", [each for each in Scheduler if each != "twos"])
def test_the_kernel_loads_each_scheduler_on_demand(scheduler: Scheduler) -> None:
    service = "192.0.2.1:80"
    subprocess.run(["ipvsadm", "-A", "-t", service, "-s", scheduler], check=True)
    listed = subprocess.run(["ipvsadm", "-S", "-n"], capture_output=True, text=True, check=True).stdout
    subprocess.run(["ipvsadm", "-D", "-t", service], check=True)
    assert f"-A -t {service} -s {scheduler}" in listed


def test_a_user_without_privileges_reaches_the_clone_and_its_python() -> None:
    as_nobody = ["setpriv", "--reuid=3636", "--regid=3636", "--clear-groups", "--"]
    command = [*as_nobody, str(CLONE / ".venv/bin/python"), "-c", "import app, flask; print(app.__name__)"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, cwd=CLONE)
    assert (ran.stdout, ran.stderr) == ("app\n", "")
