"""systemd, if it runs: whether pulse is one of its services, and starting and stopping it without a password."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

UNIT = "palometa-pulse.service"
BOOTED = Path("/run/systemd/system")
"""Exists if the machine runs systemd, see sd_booted(3)."""
COMMAND = ("systemctl",)
ASK_WITHIN_S = 5.0
ACT_WITHIN_S = 60.0
"""Stopping first withdraws all addresses and services, if lvs.cf says so."""


class ManagerRefused(Exception):
    """The service manager refused or failed; the message is its own."""


@dataclass(frozen=True, slots=True)
class Unit:
    """The service of pulse; `state` is systemd's (active, inactive, failed …), `pid` 0: there is no process."""

    state: str
    pid: int


def find_unit() -> Unit | None:
    """Return the service of pulse; None: there is no systemd, or it has no such service."""
    if not BOOTED.is_dir():
        return None
    try:
        output = _run(("show", "--property=LoadState,ActiveState,MainPID", UNIT), ASK_WITHIN_S)
    except ManagerRefused:
        return None
    properties = dict(line.split("=", 1) for line in output.splitlines() if "=" in line)
    if properties.get("LoadState") != "loaded":
        return None
    pid = properties.get("MainPID", "")
    return Unit(properties.get("ActiveState", ""), int(pid) if pid.isascii() and pid.isdigit() else 0)


def start() -> None:
    """Start pulse's service and return when it runs; raise ManagerRefused."""
    _run(("--no-ask-password", "start", UNIT), ACT_WITHIN_S)


def stop() -> None:
    """Stop pulse's service and return when it has ended; raise ManagerRefused."""
    _run(("--no-ask-password", "stop", UNIT), ACT_WITHIN_S)


def _run(arguments: tuple[str, ...], limit_s: float) -> str:
    environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"}
    try:
        done = subprocess.run(  # noqa: S603 - an argument list of constants, no shell
            [*COMMAND, *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=limit_s,
            env=environment,
            check=False,
        )
    except subprocess.TimeoutExpired as expired:
        raise ManagerRefused(f"systemd did not answer within {limit_s:g} s: check its journal") from expired
    except OSError as error:
        raise ManagerRefused(f"{COMMAND[0]} cannot be run: {error.strerror}") from error
    if done.returncode:
        words = done.stderr.decode(errors="replace").strip()
        raise ManagerRefused(words or f"{COMMAND[0]} exited with {done.returncode} and no message")
    return done.stdout.decode(errors="replace")
