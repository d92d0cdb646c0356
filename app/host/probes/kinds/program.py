"""send_program: runs a program of the machine's owner and compares what it prints. Never a shell, never root."""

import asyncio
import os
import pwd
import signal
from dataclasses import dataclass, field
from pathlib import Path
from shutil import which

from app.host.check_programs import ProgramRefused, approved
from app.host.probes.transport.attempt import Attempt, CannotAsk, Unexpected
from app.host.probes.transport.process import OUTPUT_MAX, Process
from app.lvs.checks.check import Check
from app.lvs.checks.expect import ANYTHING, quoted_bytes

AT_ONCE = 16
_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
_LIMITS = ("--core=0", "--cpu=60", "--nofile=64", "--nproc=256", "--fsize=1048576", "--as=1073741824")
_POWERLESS = ("--no-new-privs", "--inh-caps=-all", "--ambient-caps=-all")


@dataclass(slots=True)
class Programs:
    """Runs the programs in `directory`: as `user` where pulse is root, else as pulse's own unprivileged user."""

    directory: Path
    user: str
    _turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    async def probe(self, check: Check, attempt: Attempt) -> None:
        """Run the program of `check`; its exit status has to be 0 and its output, where one is expected, equal."""
        words = check.program.split() or [""]
        attempt.doing = f"program {words[0]}"
        command = self.command([words[0], *_filled(check, words[1:])])
        attempt.pause()
        async with self._turns:
            attempt.resume()
            output, status = await Process(command).run()
        # It spoke for the server, whatever it said.
        attempt.is_reached = True
        _compare(check, output, status)
        attempt.found = "ended with status 0" + (", printed what is expected" if check.expect is not None else "")

    def command(self, words: list[str]) -> list[str]:
        """Return the command line that runs the program `words` begin with, without powers; raise CannotAsk."""
        try:
            program = approved(self.directory, words[0])
        except ProgramRefused as refused:
            raise CannotAsk(str(refused)) from refused
        return [*self._prefix(), str(program), *words[1:]]

    def _prefix(self) -> list[str]:
        as_user: tuple[str, ...] = ()
        if os.geteuid() == 0:
            try:
                user = pwd.getpwnam(self.user)
            except KeyError:
                raise CannotAsk(
                    f"there is no user '{self.user}' to run it as: make one (useradd --system {self.user}), or "
                    "set PALOMETA_CHECK_USER to another without rights"
                ) from None
            as_user = (f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", "--bounding-set=-all")
        return [_tool("prlimit"), *_LIMITS, "--", _tool("setpriv"), *as_user, *_POWERLESS, "--"]


def _tool(name: str) -> str:
    found = which(name, path=_PATH)
    if found is None:
        raise CannotAsk(f"{name} is not on this machine: install util-linux")
    return found


def _filled(check: Check, words: list[str]) -> list[str]:
    """Return the arguments; only a word that is exactly %h or %p stands for the address or the port."""
    meanings = {"%h": str(check.address), "%p": str(check.port)}
    return [meanings.get(word, word) for word in words]


def _compare(check: Check, output: bytes, status: int | None) -> None:
    if status is None:
        raise Unexpected(f"printed more than {OUTPUT_MAX} bytes and was ended")
    if status < 0:
        raise Unexpected(f"was ended by {signal.Signals(-status).name}")
    if status > 0:
        raise Unexpected(f"ended with status {status} and printed {quoted_bytes(output)}")
    printed = output.removesuffix(b"\n")
    if check.expect not in (None, ANYTHING) and printed != check.expect:
        raise Unexpected(f"printed {quoted_bytes(printed)}, expected {quoted_bytes(check.expect or b'')}")
