"""The library for linux.uml on processors with more registers than it knows."""

import ctypes
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from lab import registers
from lab.inside import CLONE


def test_a_supported_processor_needs_no_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registers, "size", lambda: registers.KNOWN)
    assert registers.preload() == {}


def test_without_the_library_it_says_how_to_build_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(registers, "size", lambda: 11008)
    monkeypatch.setattr(registers, "_VENV", tmp_path)
    with pytest.raises(SystemExit, match="make setup"):
        registers.preload()


def test_the_registers_of_a_process_can_be_set_with_the_known_part_of_them() -> None:
    """What linux.uml does at each step of its guest, with as many registers as it has room for."""
    environment = {**os.environ, **registers.preload()}
    ran = subprocess.run(
        [sys.executable, "-m", "tests.lab.test_registers"],
        cwd=CLONE,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (ran.stdout, ran.returncode) == ("0 0\n", 0), ran.stderr


def give_back() -> tuple[int, int]:
    libc = ctypes.CDLL(None, use_errno=True)
    # From the process itself, as a program's own calls are: the preloaded library comes before the C library.
    ptrace = ctypes.CDLL(None).ptrace
    ptrace.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p]
    ptrace.restype = ctypes.c_long
    process = os.fork()
    if process == 0:
        libc.ptrace(0, 0, None, None)
        os.kill(os.getpid(), signal.SIGSTOP)
        os._exit(0)
    os.waitpid(process, os.WUNTRACED)
    buffer = ctypes.create_string_buffer(registers.KNOWN)
    vector = (ctypes.c_size_t * 2)(ctypes.addressof(buffer), min(registers.KNOWN, registers.size()))
    got = ptrace(0x4204, process, 0x202, ctypes.addressof(vector))
    put = ptrace(0x4205, process, 0x202, ctypes.addressof(vector))
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)
    return got, put


if __name__ == "__main__":
    sys.stdout.write("{} {}\n".format(*give_back()))
