"""The processes of the contenders: starts and stops them, and measures processor time, memory and system calls."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
ENDS_WITHIN_S = 120.0


@contextmanager
def running(
    command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run `command` during the block, then end it and wait for it."""
    with log.open("ab") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, env=environment)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(ENDS_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def family(pid: int) -> list[int]:
    """Return `pid` and all processes below it."""
    children = [int(word) for word in _read(pid, f"task/{pid}/children").split()]
    return [pid, *(each for child in children for each in family(child))]


def processor_s(pid: int) -> float:
    """Return the processor time `pid` and its children have used, in seconds."""
    total = 0
    for each in family(pid):
        fields = _read(each, "stat").rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12]) if fields else 0
    return total / _TICKS


def memory_mb(pid: int) -> float:
    """Return the memory `pid` and its children use: pages shared by several are divided among them (PSS)."""
    kilobytes = 0
    for each in family(pid):
        found = re.search(r"^Pss:\s+(\d+)", _read(each, "smaps_rollup"), re.MULTILINE)
        kilobytes += int(found[1]) if found else 0
    return kilobytes / 1024


def processor_ms_a_second(pid: int, seconds: float) -> float:
    """Return the processor time used over the next `seconds`, in milliseconds a second."""
    before, begun = processor_s(pid), time.monotonic()
    time.sleep(seconds)
    return 1000 * (processor_s(pid) - before) / (time.monotonic() - begun)


def calls_over(pid: int, seconds: float) -> float | None:
    """Return the system calls a second over the next `seconds`; None without strace."""
    command = ["strace", "-c", "-f", "-q", *(word for each in family(pid) for word in ("-p", str(each)))]
    try:
        tracer = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    except FileNotFoundError:
        return None
    time.sleep(seconds)
    tracer.send_signal(signal.SIGINT)
    _, said = tracer.communicate(timeout=30)
    total = re.search(r"^100[.,]00\s+\S+\s+(?:\S+\s+)?(\d+)\s.*total$", said, re.MULTILINE)
    return int(total[1]) / seconds if total else None


def _read(pid: int, name: str) -> str:
    try:
        return Path(f"/proc/{pid}/{name}").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""
