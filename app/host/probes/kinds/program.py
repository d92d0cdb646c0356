"""send_program: runs a program installed by root and compares its output. Never a shell, never as root."""

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
from app.lvs.checks.check import BYTES, Check
from app.lvs.checks.expect import ANYTHING, quoted_bytes
from app.lvs.model.printable import plain

AT_ONCE = 16
_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
_LIMITS = ("--core=0", "--cpu=60", "--nofile=64", "--nproc=256", "--fsize=1048576", "--as=1073741824")
_UNPRIVILEGED = ("--no-new-privs", "--inh-caps=-all", "--ambient-caps=-all")


@dataclass(slots=True)
class Programs:
    """Runs the programs in `directory`: as `user` if pulse is root, otherwise as pulse's own user."""

    directory: Path
    user: str
    _turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    async def probe(self, check: Check, attempt: Attempt) -> None:
        """Run the program of `check`; require exit status 0 and, if an output is expected, exactly that output."""
        words = check.program.split() or [""]
        attempt.doing = f"program {plain(words[0])}"
        command = self.command([words[0], *_filled(check, words[1:])])
        attempt.pause()
        async with self._turns:
            attempt.resume()
            # Whatever this process's own encoding is, the program gets the bytes of the file.
            output, status = await Process([word.encode(errors=BYTES) for word in command]).run()
        # Any result of the program is a statement about the server.
        attempt.is_reached = True
        _compare(check, output, status)
        attempt.found = "exited with status 0" + (
            " and printed the expected text" if check.expect is not None else ""
        )

    def command(self, words: list[str]) -> list[str]:
        """Return the command line that runs the program named by the first of `words`; raise CannotAsk."""
        try:
            program = approved(self.directory, words[0])
        except ProgramRefused as refused:
            raise CannotAsk(plain(str(refused))) from refused
        return [*self._prefix(), str(program), *words[1:]]

    def _prefix(self) -> list[str]:
        as_user: tuple[str, ...] = ()
        if os.geteuid() == 0:
            try:
                user = pwd.getpwnam(self.user)
            except KeyError:
                raise CannotAsk(
                    f"there is no user '{self.user}' to run it as: create it (useradd --system {self.user}), or "
                    "set PALOMETA_CHECK_USER to another unprivileged user"
                ) from None
            as_user = (f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", "--bounding-set=-all")
        return [_tool("prlimit"), *_LIMITS, "--", _tool("setpriv"), *as_user, *_UNPRIVILEGED, "--"]


def _tool(name: str) -> str:
    found = which(name, path=_PATH)
    if found is None:
        raise CannotAsk(f"{name} is not installed: install util-linux")
    return found


def _filled(check: Check, words: list[str]) -> list[str]:
    """Return the arguments; only a word that is exactly %h or %p stands for the address or the port."""
    meanings = {"%h": str(check.address), "%p": str(check.port)}
    return [meanings.get(word, word) for word in words]


def _compare(check: Check, output: bytes, status: int | None) -> None:
    if status is None:
        raise Unexpected(f"printed more than {OUTPUT_MAX} bytes and was killed")
    if status < 0:
        raise Unexpected(f"was killed by {signal.Signals(-status).name}")
    if status > 0:
        raise Unexpected(f"exited with status {status} and printed {quoted_bytes(output)}")
    printed = output.removesuffix(b"\n")
    if check.expect not in (None, ANYTHING) and printed != check.expect:
        raise Unexpected(f"printed {quoted_bytes(printed)}, expected {quoted_bytes(check.expect or b'')}")
