"""The launcher of the embedded kernel, seen from outside."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from lab.embedded import DID_NOT_RUN, TIMED_OUT
from lab.inside import CLONE
from lab.which_kernel import Kernel, which_kernel

pytestmark = pytest.mark.skipif(
    which_kernel(os.environ) is Kernel.NATIVE, reason="this machine's own kernel serves: there is no embedded one"
)
COMMAND = (sys.executable, "-m", "lab.inside", "--kernel", "embedded")


def inside(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *words], cwd=CLONE, capture_output=True, text=True, check=False, timeout=120)


def test_output_and_exit_status_of_the_command_are_relayed() -> None:
    ran = inside("--", "sh", "-c", "echo said; echo complained >&2; exit 7")
    assert (ran.stdout, ran.stderr, ran.returncode) == ("said\ncomplained\n", "", 7)


def test_long_output_is_relayed_completely() -> None:
    assert inside("--", "seq", "20000").stdout == "".join(f"{number}\n" for number in range(1, 20001))


def test_it_writes_to_the_shared_directory_and_nowhere_else(tmp_path: Path) -> None:
    beside = tmp_path.parent / f"{tmp_path.name}-beside"
    script = f'echo x > "$PALOMETA_LAB_SHARE/result"; mkdir -p {tmp_path.parent}; echo x > {beside}'
    assert inside("--share", str(tmp_path), "--", "sh", "-c", script).returncode == 0
    assert (tmp_path / "result").read_text() == "x\n"
    assert not beside.exists()


def test_a_command_is_stopped_at_its_time_limit() -> None:
    words = ("--time-limit", "8", "--", "sh", "-c", "trap '' INT TERM; while :; do sleep 1000; done")
    launcher = subprocess.Popen([*COMMAND, *words], cwd=CLONE, stderr=subprocess.PIPE, text=True)
    _, complaint = launcher.communicate(timeout=120)
    assert launcher.returncode == TIMED_OUT
    assert complaint == "Stopped at the time limit of 8 s.\n"
    assert not list(Path("/tmp").glob(f"palometa-lab-{launcher.pid}-*"))


def test_a_kernel_that_panics_is_ended_and_its_last_output_is_printed() -> None:
    ran = inside("--", "sh", "-c", "echo c >/proc/sysrq-trigger; sleep 1000")
    assert ran.returncode == DID_NOT_RUN
    assert "Kernel panic" in ran.stderr


def test_a_signal_to_the_launcher_interrupts_the_command() -> None:
    script = "trap 'echo interrupted; exit 5' INT; echo ready; while :; do sleep 0.1; done"
    launcher = subprocess.Popen([*COMMAND, "--", "sh", "-c", script], cwd=CLONE, stdout=subprocess.PIPE, text=True)
    assert launcher.stdout is not None
    assert launcher.stdout.readline() == "ready\n"
    launcher.send_signal(signal.SIGTERM)
    said, _ = launcher.communicate(timeout=60)
    assert "interrupted" in said
    assert launcher.returncode == 128 + signal.SIGTERM
