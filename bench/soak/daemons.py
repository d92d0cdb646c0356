"""The daemons of a router, started again a second after each end, as systemd does, and how each is killed."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from random import Random

from app.host.control_client import ControlRefused, ControlUnreachable
from lab.cluster import Cluster
from tests.pulse.two_directors.pair import PairDirector

RESTART_S = 1.0
"""RestartSec of the units."""


class Daemon:
    """One daemon; it runs from the first `tend` on."""

    def __init__(self, name: str, start: Callable[[], "subprocess.Popen[str]"]) -> None:
        self.name = name
        self._start = start
        self._process: subprocess.Popen[str] | None = None
        self._start_at = 0.0

    def tend(self) -> None:
        """Start it, if it has ended a second ago."""
        now = time.monotonic()
        if self._process is not None and self._process.poll() is not None:
            self._process, self._start_at = None, now + RESTART_S
        if self._process is None and now >= self._start_at:
            self._process = self._start()

    @property
    def pid(self) -> int:
        """The process; 0: there is none."""
        return self._process.pid if self._process is not None and self._process.poll() is None else 0


class Router:
    """The daemons of one router; keepalived is started by pulse."""

    def __init__(self, cluster: Cluster, director: PairDirector) -> None:
        self.director = director
        self._cluster = cluster
        installation = director.installation
        self._pulse = Daemon("pulse", lambda: self._run(installation.pulse))
        self._web = Daemon("web", lambda: self._run(installation.web))
        self._partner = Daemon("partner", lambda: self._run(installation.partner))
        self.kills: dict[str, Callable[[Random], bool]] = {
            "pulse": lambda _: _kill(self._pulse.pid),
            "web": lambda _: _kill_group(self._web.pid),
            "one process of web": lambda random: _kill_child(self._web.pid, random),
            "partner": lambda _: _kill(self._partner.pid),
            "keepalived": lambda _: self._kill_keepalived(),
        }
        """By name; each returns whether there was anything to kill."""

    def tend(self) -> None:
        """Start what has ended."""
        for daemon in (self._pulse, self._web, self._partner):
            daemon.tend()

    def takes_part(self) -> bool:
        """Return whether keepalived runs, and pulse says that this router is owner or on standby."""
        if not all(Path(f"/proc/{pid}").exists() for pid in self.director.keepalived() or [0]):
            return False
        with suppress(ControlUnreachable, ControlRefused):
            return self.director.role() in ("owner", "standby")
        return False

    def _run(self, command: list[str]) -> "subprocess.Popen[str]":
        director = self.director
        with director.log.open("a") as log:
            return self._cluster.start(
                director.node.name, command, env=director.environment, stdout=log, stderr=log
            )

    def _kill_keepalived(self) -> bool:
        return all([_kill(pid) for pid in self.director.keepalived()] or [False])


def _kill(pid: int) -> bool:
    with suppress(ProcessLookupError):
        if pid:
            os.kill(pid, signal.SIGKILL)
            return True
    return False


def _kill_group(pid: int) -> bool:
    # What is left of a unit is killed with its main process.
    with suppress(ProcessLookupError):
        if pid:
            os.killpg(pid, signal.SIGKILL)
            return True
    return False


def _kill_child(pid: int, random: Random) -> bool:
    found = (
        subprocess.run(["pgrep", "--parent", str(pid)], capture_output=True, text=True, check=False)
        if pid
        else None
    )
    children = found.stdout.split() if found else []
    return bool(children) and _kill(int(random.choice(children)))
