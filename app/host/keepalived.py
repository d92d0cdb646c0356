"""The keepalived of this machine: its files in the runtime directory, and its processes. It decides nothing.

It runs with pulse's privileges in a session of its own, so it survives a restart of pulse, and the next pulse
adopts it by its process id. It runs no scripts: its decision shows in an address (see `app.lvs.pair.vrrp`), and
that it is alive in its answers to requests.
"""

import json
import os
import shutil
import signal
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from app.host.files.atomic_file import prepare
from app.host.files.rights import owner_of, rights_of_owner

_PATH = "/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin"
_TEST_WITHIN_S = 10.0
GIVE_UP = -254
"""The step that makes keepalived give the virtual router up, and not even be on standby."""


class KeepalivedFailed(Exception):
    """keepalived cannot be used; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class KeepalivedAnswer:
    """The state of keepalived's virtual router, and the settings it runs with.

    `is_fault`: it cannot take over at all. `is_taking_part`: it is on standby, or the owner. `priority` includes
    the step, `base_priority` does not.
    """

    is_fault: bool
    is_taking_part: bool
    priority: int
    adverts_sent: int
    base_priority: int
    advert_ms: int
    is_preempting: bool


class _ProcessStatus(NamedTuple):
    parent: int
    session: int


class Keepalived:
    """One keepalived, of which at most one process runs."""

    def __init__(self, directory: Path, search: str = _PATH) -> None:
        self._directory, self._search = directory, search
        self._configuration = directory / "keepalived.conf"
        self._pid_file = directory / "keepalived.pid"
        self._vrrp_pid_file = directory / "keepalived.vrrp.pid"
        self._answer_file = directory / "keepalived.json"
        self.step_file = directory / "keepalived.step"
        self._request_signal = 0
        self._child: subprocess.Popen[bytes] | None = None
        self._pid = 0
        self._session = 0
        self.descriptor: int | None = None
        """Becomes readable when the process ends; None: there is none."""

    def program(self) -> str:
        """Return the path of the program; raise KeepalivedFailed if it is not installed."""
        found = shutil.which("keepalived", path=self._search)
        if found is None:
            raise KeepalivedFailed(
                "keepalived is not installed, and the pair requires it: install it on both routers, on Debian "
                "with 'apt-get install keepalived'. Until then the primary serves alone."
            )
        return found

    def adopt(self) -> bool:
        """Adopt a process that an earlier pulse left running; return whether there was one."""
        pid = _pid_in(self._pid_file)
        with suppress(OSError):
            if pid and self._is_one(pid):
                self.descriptor = os.pidfd_open(pid)
                self._pid = self._session = pid
                # What it answered the earlier pulse says nothing of what it does now: it may be ending.
                self._answer_file.unlink(missing_ok=True)
                return True
        return False

    def write(self, text: str) -> bool:
        """Make `text` the configuration if keepalived accepts it; return whether that changes it.

        Raises KeepalivedFailed with keepalived's output.
        """
        self._refuse_anothers_directory()
        with suppress(OSError):
            if self._configuration.read_text() == text:
                return False
        candidate = self._configuration.with_suffix(".new")
        try:
            prepare(candidate, text.encode()).publish()
            command = [self.program(), "--config-test", "--vrrp", "--use-file", str(candidate)]
            tried = subprocess.run(  # noqa: S603 - our own file, from checked words only
                command, capture_output=True, timeout=_TEST_WITHIN_S, env=self._environment, check=False
            )
            # It exits with 0 only if it objects to no line.
            if tried.returncode != 0:
                words = (tried.stderr + tried.stdout).decode(errors="replace").strip().splitlines()
                raise KeepalivedFailed(
                    f"keepalived refuses its configuration ({words[0] if words else 'without a message'}); the "
                    "previous one stays in force. Please report this."
                )
            candidate.rename(self._configuration)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise KeepalivedFailed(f"keepalived's configuration cannot be written or tested: {error}.") from error
        return True

    def start(self) -> None:
        """Start it, and kill what is left of an earlier one; raise KeepalivedFailed."""
        self._refuse_anothers_directory()
        # It would log a line for every request; pulse reports its decisions itself.
        command = [self.program(), "--dont-fork", "--no-syslog", "--vrrp"]
        command += ["--use-file", str(self._configuration), "--pid", str(self._pid_file)]
        command += ["--vrrp_pid", str(self._vrrp_pid_file)]
        self._kill_processes()
        for stale in (self._pid_file, self._vrrp_pid_file, self._answer_file):
            stale.unlink(missing_ok=True)
        try:
            self._child = subprocess.Popen(  # noqa: S603 - our own file, from checked words only
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env=self._environment,
                cwd="/",
                start_new_session=True,
            )
        except OSError as error:
            raise KeepalivedFailed(f"keepalived cannot be started: {error.strerror}.") from error
        self._pid = self._session = self._child.pid
        self.descriptor = os.pidfd_open(self._pid)

    def reload(self) -> None:
        """Make it reload its configuration."""
        self._send(signal.SIGHUP)

    def stop(self) -> None:
        """Make it give the virtual router up and exit."""
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        """Kill it without notice to the partner."""
        # The parent would restart the VRRP process.
        self._send(signal.SIGSTOP)
        self._kill_processes()
        self._send(signal.SIGKILL)

    def collect(self) -> None:
        """Reap a process that has ended."""
        if self._child is not None:
            self._child.wait()
            self._child = None
        if self.descriptor is not None:
            os.close(self.descriptor)
        self.descriptor, self._pid = None, 0

    def step(self) -> int:
        """Return the step that was last added to the priority."""
        try:
            return int(self.step_file.read_text())
        except (OSError, ValueError):
            return 0

    def set_step(self, step: int) -> None:
        """Add `step` to the priority from now on; keepalived notices immediately."""
        with rights_of_owner(self._directory):
            self.step_file.write_text(f"{step}\n")

    def ask(self) -> None:
        """Request an answer, to be read a moment later."""
        if not self._request_signal:
            self._request_signal = self._signal_of("JSON")
        vrrp = _pid_in(self._vrrp_pid_file)
        if vrrp and _status_of(vrrp).parent == self._pid:
            with suppress(ProcessLookupError):
                os.kill(vrrp, self._request_signal)

    def answer(self) -> KeepalivedAnswer | None:
        """Return the answer since the last call; None: there is none yet, or it is incomplete."""
        try:
            text = self._answer_file.read_text()
            (document,) = json.loads(text)
            data, counted = document["data"], document["stats"]
            # 0 has just started, 1 is on standby, 2 is the owner, 3 is in fault state.
            state = data["state"]
            found = KeepalivedAnswer(
                is_fault=state == 3,
                is_taking_part=state in (1, 2),
                priority=data["effective_priority"],
                adverts_sent=counted["advert_sent"],
                base_priority=data["base_priority"],
                advert_ms=round(data["adver_int"] * 1000),
                is_preempting=not data["nopreempt"],
            )
        except (OSError, ValueError, KeyError, TypeError):
            return None
        self._answer_file.unlink(missing_ok=True)
        return found

    def _refuse_anothers_directory(self) -> None:
        """Raise KeepalivedFailed where another user would decide what runs as root: keepalived can be told to."""
        owner = owner_of(self._directory) if os.geteuid() == 0 else None
        if owner is not None:
            raise KeepalivedFailed(
                f"keepalived is not started: the runtime directory {self._directory} belongs to user {owner[0]}, "
                "who could have it run anything as root. Start pulse as that user, as its systemd unit does, or "
                "set PALOMETA_RUNTIME_DIRECTORY to a directory of root's. Until then the primary serves alone."
            )

    @property
    def _environment(self) -> dict[str, str]:
        # It writes its answers to TMPDIR.
        return {"PATH": _PATH, "TMPDIR": str(self._directory)}

    def _signal_of(self, name: str) -> int:
        command = [self.program(), f"--signum={name}"]
        printed = subprocess.run(command, capture_output=True, timeout=_TEST_WITHIN_S, check=False)  # noqa: S603
        return (
            int(printed.stdout) if printed.returncode == 0 and printed.stdout.strip().isdigit() else signal.SIGUSR2
        )

    def _kill_processes(self) -> None:
        """Kill what belongs to the process that was started or adopted last, or by an earlier pulse."""
        # Found by their session, which they have from their parent: a VRRP process names itself in its file only
        # when it is ready, and without a parent it exits in its own time, and removes the files of the keepalived
        # that runs by then. One in a container may have the very same command line.
        session = self._session or _pid_in(self._pid_file)
        if not session:
            return
        for pid in [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]:
            with suppress(OSError):
                if _status_of(pid).session == session and self._is_one(pid):
                    os.kill(pid, signal.SIGKILL)

    def _is_one(self, pid: int) -> bool:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        return (b"--use-file", os.fsencode(self._configuration)) in pairwise(words)

    def _send(self, number: signal.Signals) -> None:
        if self.descriptor is not None:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self.descriptor, number)


def _pid_in(path: Path) -> int:
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return 0


def _status_of(pid: int) -> _ProcessStatus:
    """Return the parent and the session of a process; zeros: there is none."""
    try:
        # The name before them may contain spaces and parentheses.
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return _ProcessStatus(parent=int(words[1]), session=int(words[3]))
    except (OSError, ValueError, IndexError):
        return _ProcessStatus(0, 0)
